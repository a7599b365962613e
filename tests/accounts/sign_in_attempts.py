"""Signing in with right and wrong passwords, through the API and the page."""

from tests.accounts.api_calls import call
from tests.factories import PASSWORD

LOCAL_MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "lockout"}


def sign_in(username, password=PASSWORD, **headers):
    return call("POST", "login", {"username": username, "password": password}, **headers)


ELSEWHERE = "203.0.113.{}"


def at_the_page(browser, identifier="Ana", password=PASSWORD, **headers):
    return browser.post("/sign-in", {"identifier": identifier, "password": password}, **headers).status_code
