"""Every kind of answer carries the headers that keep browsers on our side."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import path

from skillquest import urls
from tests.factories import PASSWORD, LevelFactory, StaffFactory

from . import bodies, routes
from .table import read_rows

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def explode(_request):
    raise RuntimeError("for the test")


class WithBrokenPages:
    """The product's addresses and two that fail."""

    urlpatterns = [path("api/v1/broken", explode), path("broken", explode), *urls.urlpatterns]
    handler400, handler403, handler404, handler500 = (
        urls.handler400,
        urls.handler403,
        urls.handler404,
        urls.handler500,
    )


@pytest.fixture
def static_file():
    """WhiteNoise knows the files that are there when the client makes its first request."""
    file = Path(settings.STATIC_ROOT) / "probe.svg"
    file.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    yield f"{settings.STATIC_URL}{file.name}"
    file.unlink()


@pytest.fixture
def browser(static_file, settings):
    """Signed in as somebody who may go everywhere."""
    settings.ROOT_URLCONF = WithBrokenPages
    LevelFactory(level_id="level-1")
    browser = Client(raise_request_exception=False)
    browser.force_login(StaffFactory(username="ana"))
    return browser


# What is asked -> the status that shows that it was answered by whom it should be.
ANSWERS = {
    "a page": ("GET", "/dashboard", {}, 200),
    "a game": ("GET", "/levels/level-1/play", {}, 200),
    "the API": ("GET", "/api/v1/levels", {}, 200),
    "the API's other tree": ("GET", "/api/levels", {}, 200),
    "the schema": ("GET", "/api/v1/schema", {}, 200),
    "the docs": ("GET", "/api/v1/docs", {}, 200),
    "the script of the docs": ("GET", "/api/v1/docs?script=", {}, 200),
    "the admin": ("GET", "/admin/", {}, 200),
    "a form of the admin": ("GET", "/admin/levels/level/add/", {}, 200),
    "the admin's words for scripts": ("GET", "/admin/jsi18n/", {}, 200),
    "a static file": ("GET", "/static/probe.svg", {}, 200),
    "a redirect": ("GET", "/", {}, 302),
    "a redirect of the admin": ("GET", "/admin/login/", {}, 302),
    "nothing": ("HEAD", "/dashboard", {}, 200),
    "what a place takes": ("OPTIONS", "/api/v1/levels", {}, 200),
    "a page that is not there": ("GET", "/nowhere", {}, 404),
    "a static file that is not there": ("GET", "/static/nowhere.svg", {}, 404),
    "an admin page that is not there": ("GET", "/admin/nowhere/", {}, 404),
    "an endpoint that is not there": ("GET", "/api/v1/nowhere", {}, 404),
    "a method that is not there": ("PUT", "/dashboard", {}, 405),
    "a method that the API does not have": ("PUT", "/api/v1/levels", {}, 405),
    "a bad body": ("POST", "/api/v1/levels", {"data": "{", "content_type": "application/json"}, 400),
    "a body too large": ("POST", "/api/v1/levels", {"data": "x" * 70_000, "content_type": "application/json"}, 413),
    "a body of another type": ("POST", "/api/v1/levels", {"data": "x", "content_type": "text/plain"}, 415),
    "an address with NUL": ("GET", "/levels/%00", {}, 400),
    "a strange host": ("GET", "/dashboard", {"headers": {"Host": "evil.example"}}, 400),
    "a strange host at the API": ("GET", "/api/v1/levels", {"headers": {"Host": "evil.example"}}, 400),
    "a bad key": (
        "POST",
        "/api/v1/levels",
        {"data": "{}", "content_type": "application/json", "headers": {"Idempotency-Key": "é"}},
        400,
    ),
    "a broken page": ("GET", "/broken", {}, 500),
    "a broken endpoint": ("GET", "/api/v1/broken", {}, 500),
}


def policy_of(answer):
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def assert_guarded(answer):
    assert policy_of(answer) == POLICY
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer["X-Request-ID"]
    # CORS is closed: no other site reads our answers.
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not {"Server", "X-Powered-By"} & set(answer.headers)


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_is_guarded(browser, kind):
    method, address, options, status = ANSWERS[kind]
    answer = browser.generic(method, address, **options)
    answer.close()  # a static file is a stream
    assert answer.status_code == status
    assert_guarded(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sign-in",
        "/sign-up",
        "/forgot-password",
        "/new-password/x",
        "/admin/login/",
        "/dashboard",
        "/api/v1/auth/me",
    ],
)
def test_strangers_are_answered_as_carefully(browser, path):
    browser.logout()
    assert_guarded(browser.get(path))


def test_a_refusal_for_want_of_a_csrf_token_is_guarded(browser):
    browser.handler.enforce_csrf_checks = True
    for address in ("/sign-out", "/admin/logout/", "/api/v1/auth/logout"):
        assert_guarded(browser.post(address))


def test_a_refusal_for_want_of_patience_is_guarded(browser, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1/m")
    browser.logout()
    for address, form in (("/sign-in", {"identifier": "x", "password": "x"}), ("/api/v1/auth/register", {})):
        browser.post(address, form, content_type="application/json") if "api" in address else browser.post(
            address, form
        )
    for address in ("/sign-in", "/api/v1/auth/register"):
        answer = browser.post(address)
        assert answer.status_code == 429
        assert_guarded(answer)


def test_health_says_nothing_that_needs_guarding(client):
    """Answered before everything else, hosts and redirects included; nothing in it is anybody's."""
    answer = client.get("/health")
    assert answer.json() == {"status": "ok"}
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard",
        "/levels",
        "/levels/level-1",
        "/levels/level-1/play",
        "/profile/erase",
        "/profile/password",
        "/admin/",
    ],
)
def test_what_is_somebodys_own_stays_in_no_cache(browser, path):
    assert "no-store" in browser.get(path)["Cache-Control"]


@pytest.mark.parametrize("path", ["/sign-in", "/forgot-password", "/new-password/x"])
def test_nor_does_what_a_stranger_types(client, path):
    assert "no-store" in client.get(path)["Cache-Control"]


# Whoever asks again by its ETag is told whether it is still so.
MAY_BE_KEPT = ("/levels", "/levels/{id}", "/leaderboard", "/leaderboard/{metric}", "/leaderboard/{metric}/rank")


def test_no_cache_keeps_what_the_api_tells_one_person(world, client_of):
    """Every address of the table that is read; two kinds may be kept by the asker alone."""
    kept = set()
    for row in read_rows():
        if row.method == "GET" and routes.is_api(row.path):
            answer = client_of("learner").get(bodies.address(row.path, world))
            if answer["Cache-Control"] != "no-store":
                assert (answer["Cache-Control"], bool(answer["ETag"])) == ("private, no-cache", True), row.path
                kept.add(row.path)
    assert kept
    assert {place for place in kept if not place.endswith(MAY_BE_KEPT)} == set()


def test_nor_what_was_written_refused_or_given_again(world, client_of):
    client, headers = client_of("learner"), {"Idempotency-Key": "once"}
    for _ in range(2):
        answer = client.post("/api/v1/levels/complete", {"level_id": "spare", "score": 85}, headers=headers)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    for nowhere in ("/api/v1/levels/nowhere", "/api/v1/nowhere", "/api/v1/badges/users/987654321"):
        answer = client.get(nowhere)
        assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")
    assert client_of("revoked").get("/api/v1/levels")["Cache-Control"] == "no-store"


def test_tokens_stay_in_no_cache(browser):
    body = {"username": "ana", "password": PASSWORD}
    pair = browser.post("/api/v1/auth/login", body, content_type="application/json")
    assert pair["Cache-Control"] == "no-store"


def test_over_https_browsers_are_told_to_stay_there(client, settings):
    settings.SECURE_SSL_REDIRECT = settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert client.get("/sign-in", secure=True)["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    answer = client.get("/sign-in")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/sign-in")
    assert_guarded(answer)
