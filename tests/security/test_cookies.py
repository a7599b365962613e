"""P18: a session cookie is created at sign-in, ends with the session, and has restrictive attributes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from skillquest.accounts.erasing import erase_person
from skillquest.accounts.lockout import DEVICE_COOKIE
from skillquest.accounts.models import BrowserSession, User
from skillquest.accounts.resets import token_for
from skillquest.accounts.sessions import end_sessions
from tests.factories import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
ME = "/api/v1/auth/me"
NEW_PASSWORD = "a quite different horse"
SIGN_IN_FORMS = {
    "the page": ("/sign-in", {"identifier": "ana", "password": PASSWORD}),
    "the admin": ("/admin/login/", {"username": "ana", "password": PASSWORD}),
    "a new account": ("/sign-up", {"username": "bea", "email": "bea@example.test", "password": NEW_PASSWORD}),
}


@pytest.fixture
def ana():
    return StaffFactory(username="ana", email="ana@example.test")


def key_of(browser):
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def with_cookie(key):
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = key
    return browser


def who(key):
    """The username of the user whom the cookie signs in, or None."""
    answer = with_cookie(key).get(ME)
    return answer.json()["username"] if answer.status_code == 200 else None


def signed_in(user):
    browser = Client()
    browser.force_login(user)
    return browser


# --- Session keys -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form_name", SIGN_IN_FORMS)
def test_signing_in_replaces_an_existing_session_key(client, ana, form_name):
    """Otherwise an attacker who has set the key in somebody's browser would be signed in too (session fixation)."""
    planted = client.session
    planted["basket"] = "kept"
    planted.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    path, form = SIGN_IN_FORMS[form_name]
    assert client.post(path, form).status_code == 302
    assert key_of(client) != planted.session_key
    assert who(key_of(client)) == form.get("username", form.get("identifier"))
    assert who(planted.session_key) is None
    assert not BrowserSession.objects.filter(pk=planted.session_key).exists()


@pytest.mark.parametrize("form_name", SIGN_IN_FORMS)
def test_signing_in_does_not_accept_an_invented_session_key(client, ana, form_name):
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    path, form = SIGN_IN_FORMS[form_name]
    client.post(path, form)
    assert key_of(client) != "a" * 32
    assert who("a" * 32) is None


def test_signing_in_as_another_user_removes_the_data_of_the_first_session(client, ana):
    client.force_login(UserFactory())
    first = key_of(client)
    session = client.session
    session["secret"] = "of the first"
    session.save()
    client.post(*SIGN_IN_FORMS["the admin"])
    assert (who(key_of(client)), who(first)) == ("ana", None)
    assert "secret" not in client.session


@pytest.mark.parametrize("path", ["/sign-out", "/admin/logout/"])
def test_signing_out_ends_the_session_of_this_browser_only(ana, path):
    browser, other = signed_in(ana), signed_in(ana)
    key = key_of(browser)
    assert browser.post(path).status_code == 302
    assert key_of(browser) == ""
    assert (who(key), who(key_of(other))) == (None, "ana")
    assert not BrowserSession.objects.filter(pk=key).exists()


def change_by_api(browser, ana):
    change = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    return browser.post("/api/v1/auth/password", change, content_type="application/json").status_code == 204


def change_in_admin(browser, ana):
    form = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    return browser.post("/admin/password_change/", form).status_code == 302


def change_own_row(browser, ana):
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    return browser.post(f"/admin/accounts/user/{ana.pk}/password/", form).status_code == 302


def change_on_page(browser, ana):
    form = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    return browser.post("/profile/password", form).status_code == 302


@pytest.mark.parametrize("change", [change_by_api, change_on_page, change_in_admin, change_own_row])
def test_changing_the_password_ends_all_sessions_and_starts_a_new_one_in_this_browser(ana, change):
    browser, other = signed_in(ana), signed_in(ana)
    old = key_of(browser)
    assert change(browser, ana)
    assert [who(key) for key in (old, key_of(other), key_of(browser))] == [None, None, "ana"]


def reset_by_somebody_else(ana):
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    signed_in(StaffFactory()).post(f"/admin/accounts/user/{ana.pk}/password/", form)


def disable_password(ana):
    signed_in(StaffFactory()).post(
        f"/admin/accounts/user/{ana.pk}/password/", {"usable_password": "false", "unset-password": "1"}
    )


def deactivate(ana):
    User.objects.filter(pk=ana.pk).update(is_active=False)


def sign_out_everywhere_by_token(ana):
    pair = Client().post("/api/v1/auth/login", {"username": "ana", "password": PASSWORD}, "application/json").json()
    body = {"refresh_token": pair["refresh_token"], "everywhere": True}
    assert Client().post("/api/v1/auth/logout", body, "application/json").status_code == 204


def end_everything(ana):
    end_sessions(user=ana, at=timezone.now())


def reset_by_mail(ana):
    body = {"token": token_for(User.objects.get(pk=ana.pk)), "new_password": NEW_PASSWORD}
    assert Client().post("/api/v1/auth/password/reset/confirm", body, "application/json").status_code == 204


def erase(ana):
    erase_person(user_id=ana.pk, at=timezone.now())


ENDS = [
    *(reset_by_somebody_else, disable_password, deactivate, sign_out_everywhere_by_token, end_everything),
    *(reset_by_mail, erase),
]


@pytest.mark.parametrize("end", ENDS)
def test_operations_that_end_all_sign_ins_end_sessions_immediately(ana, end):
    keys = [key_of(signed_in(ana)) for _ in range(2)]
    end(ana)
    assert [who(key) for key in keys] == [None, None]
    assert [with_cookie(key).get("/dashboard").status_code for key in keys] == [302, 302]


@pytest.mark.parametrize("key", ["", "x", "a" * 32, "../../etc/passwd", "a\0b", "é", "a" * 5000, "0" * 40])
def test_an_invalid_session_key_signs_nobody_in(ana, key):
    assert Client().get(ME, HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}={key}").status_code == 401


def test_signing_in_to_the_api_sets_no_cookie(ana):
    """The client gets tokens; a cookie as well would make it vulnerable to CSRF."""
    answer = Client().post("/api/v1/auth/login", {"username": "ana", "password": PASSWORD}, "application/json")
    assert (answer.status_code, dict(answer.cookies)) == (200, {})


# --- Attributes -------------------------------------------------------------------------------------------------------


def attributes_of(cookie):
    return {name: cookie[name] for name in ("httponly", "samesite", "secure", "path", "domain")}


@pytest.mark.parametrize("is_secure", [False, True])
@pytest.mark.parametrize("form_name", SIGN_IN_FORMS)
def test_cookies_are_restricted_to_the_site_and_unreadable_for_scripts(client, ana, settings, form_name, is_secure):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = is_secure
    path, form = SIGN_IN_FORMS[form_name]
    client.get(path)
    client.post(path, form)
    common = {"samesite": "Lax", "secure": is_secure or "", "path": "/", "domain": ""}
    assert attributes_of(client.cookies[settings.SESSION_COOKIE_NAME]) == common | {"httponly": True}
    assert attributes_of(client.cookies[DEVICE_COOKIE]) == common | {"httponly": True}
    # Scripts may read the CSRF cookie, because tracker.js sends its value in a header.
    assert attributes_of(client.cookies[settings.CSRF_COOKIE_NAME]) == common | {"httponly": ""}


def test_a_session_cookie_expires_within_two_weeks(client, ana):
    client.post(*SIGN_IN_FORMS["the page"])
    assert 0 < client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] <= 14 * 24 * 3600


@pytest.mark.parametrize(
    ("environment", "secure"),
    [({}, False), ({"SECURE_COOKIES": "1"}, True), ({"SECURE_SSL_REDIRECT": "1"}, True)],
)
def test_settings_from_the_environment_make_cookies_secure(environment, secure):
    # Without the developer's `.env`.
    show = (
        "import environ; environ.Env.read_env = print; from skillquest import settings;"
        "print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE)"
    )
    rest = {name: value for name, value in os.environ.items() if not name.startswith("SECURE_")}
    run = [sys.executable, "-c", show]
    output = subprocess.run(run, cwd=ROOT, env=rest | {"SECRET_KEY": "x"} | environment, capture_output=True, text=True)
    assert output.stdout.split()[-2:] == [str(secure)] * 2, output.stderr
