"""Every kind of answer has the security headers."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import path

from skillquest import urls
from tests.factories import PASSWORD, QuestionFactory, StaffFactory

from . import routes, valid_requests
from .table import read_rows
from .world import make_world

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


def fail(_request):
    raise RuntimeError("for the test")


class WithBrokenPages:
    """The URL configuration of the product, and two views that fail."""

    urlpatterns = [path("api/v1/broken", fail), path("broken", fail), *urls.urlpatterns]
    handler400, handler403, handler404, handler500 = (
        urls.handler400,
        urls.handler403,
        urls.handler404,
        urls.handler500,
    )


@pytest.fixture
def static_file():
    """WhiteNoise only serves files that exist before the first request."""
    file = Path(settings.STATIC_ROOT) / "probe.svg"
    file.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    yield f"{settings.STATIC_URL}{file.name}"
    file.unlink()


@pytest.fixture
def world(db):
    """One for each test that needs it, since answers of static files close the connection."""
    return make_world()


@pytest.fixture
def browser(static_file, settings):
    """A client that is signed in as a superuser."""
    settings.ROOT_URLCONF = WithBrokenPages
    QuestionFactory(level__level_id="level-1")
    browser = Client(raise_request_exception=False)
    browser.force_login(StaffFactory(username="ana"))
    return browser


# Description -> the request, and the status that shows that the expected part of the product answered.
ANSWERS = {
    "a page": ("GET", "/dashboard", {}, 200),
    "a game": ("GET", "/levels/level-1/play", {}, 200),
    "the API": ("GET", "/api/v1/levels", {}, 200),
    "the unversioned API": ("GET", "/api/levels", {}, 200),
    "the schema": ("GET", "/api/v1/schema", {}, 200),
    "the docs": ("GET", "/api/v1/docs", {}, 200),
    "the script of the docs": ("GET", "/api/v1/docs?script=", {}, 200),
    "the admin": ("GET", "/admin/", {}, 200),
    "a form of the admin": ("GET", "/admin/levels/level/add/", {}, 200),
    "the translations for the admin's scripts": ("GET", "/admin/jsi18n/", {}, 200),
    "a static file": ("GET", "/static/probe.svg", {}, 200),
    "a redirect": ("GET", "/", {}, 302),
    "a redirect of the admin": ("GET", "/admin/login/", {}, 302),
    "a HEAD request": ("HEAD", "/dashboard", {}, 200),
    "an OPTIONS request": ("OPTIONS", "/api/v1/levels", {}, 200),
    "a page that does not exist": ("GET", "/nowhere", {}, 404),
    "a static file that does not exist": ("GET", "/static/nowhere.svg", {}, 404),
    "an admin page that does not exist": ("GET", "/admin/nowhere/", {}, 404),
    "an endpoint that does not exist": ("GET", "/api/v1/nowhere", {}, 404),
    "a method that does not exist": ("PUT", "/dashboard", {}, 405),
    "a method that the endpoint does not have": ("PUT", "/api/v1/levels", {}, 405),
    "a bad body": ("POST", "/api/v1/levels", {"data": "{", "content_type": "application/json"}, 400),
    "a body too large": ("POST", "/api/v1/levels", {"data": "x" * 70_000, "content_type": "application/json"}, 413),
    "a body of another type": ("POST", "/api/v1/levels", {"data": "x", "content_type": "text/plain"}, 415),
    "a path with NUL": ("GET", "/levels/%00", {}, 400),
    "an unknown host": ("GET", "/dashboard", {"headers": {"Host": "evil.example"}}, 400),
    "an unknown host at the API": ("GET", "/api/v1/levels", {"headers": {"Host": "evil.example"}}, 400),
    "a bad idempotency key": (
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


def assert_has_security_headers(answer):
    assert policy_of(answer) == POLICY
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer["X-Request-ID"]
    # No CORS header, so that scripts of other sites cannot read answers.
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not {"Server", "X-Powered-By"} & set(answer.headers)


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_has_the_security_headers(browser, kind):
    method, address, options, status = ANSWERS[kind]
    answer = browser.generic(method, address, **options)
    answer.close()  # a static file is a stream
    assert answer.status_code == status
    assert_has_security_headers(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sign-in",
        "/sign-up",
        "/forgot-password",
        "/new-password",
        "/new-password/x",
        "/admin/login/",
        "/dashboard",
        "/api/v1/auth/me",
    ],
)
def test_answers_to_people_who_are_not_signed_in_have_the_security_headers(browser, path):
    browser.logout()
    assert_has_security_headers(browser.get(path))


def test_a_refusal_without_a_csrf_token_has_the_security_headers(browser):
    browser.handler.enforce_csrf_checks = True
    for address in ("/sign-out", "/admin/logout/", "/api/v1/auth/logout"):
        assert_has_security_headers(browser.post(address))


def test_a_refusal_by_a_rate_limit_has_the_security_headers(browser, settings):
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
        assert_has_security_headers(answer)


def test_health_contains_only_the_status_and_is_not_stored(client):
    """It is answered before all other middleware, such as checks of the host and redirects."""
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
def test_personal_pages_are_not_stored_in_caches(browser, path):
    assert "no-store" in browser.get(path)["Cache-Control"]


@pytest.mark.parametrize("path", ["/sign-in", "/forgot-password", "/new-password", "/new-password/x"])
def test_pages_with_sign_in_forms_are_not_stored_in_caches(client, path):
    assert "no-store" in client.get(path)["Cache-Control"]


# Answers that the client may store and check by their ETag.
REVALIDATED = (
    *("/schema", "/levels", "/levels/{id}"),
    *("/leaderboard", "/leaderboard/{metric}", "/leaderboard/{metric}/rank"),
)


def test_answers_of_the_api_are_not_stored_in_shared_caches(world, client_of):
    """All GET endpoints of the matrix; the client itself may store the schema, levels and leaderboards."""
    stored = set()
    for row in read_rows():
        if row.method == "GET" and routes.is_api(row.path):
            answer = client_of("learner").get(valid_requests.address(row.path, world))
            if answer["Cache-Control"] != "no-store":
                assert (answer["Cache-Control"], bool(answer["ETag"])) == ("private, no-cache", True), row.path
                stored.add(row.path)
    assert stored
    assert {path for path in stored if not path.endswith(REVALIDATED)} == set()


def test_answers_to_writes_refusals_and_replays_are_not_stored_in_caches(world, client_of):
    client, headers = client_of("learner"), {"Idempotency-Key": "once"}
    for _ in range(2):
        answer = client.post("/api/v1/levels/complete", {"level_id": "spare", "score": 85}, headers=headers)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    for nowhere in ("/api/v1/levels/nowhere", "/api/v1/nowhere", "/api/v1/badges/users/987654321"):
        answer = client.get(nowhere)
        assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")
    assert client_of("revoked").get("/api/v1/levels")["Cache-Control"] == "no-store"


def test_tokens_are_not_stored_in_caches(browser):
    body = {"username": "ana", "password": PASSWORD}
    pair = browser.post("/api/v1/auth/login", body, content_type="application/json")
    assert pair["Cache-Control"] == "no-store"


def test_over_https_the_hsts_header_is_sent(client, settings):
    settings.SECURE_SSL_REDIRECT = settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert client.get("/sign-in", secure=True)["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    answer = client.get("/sign-in")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/sign-in")
    assert_has_security_headers(answer)
