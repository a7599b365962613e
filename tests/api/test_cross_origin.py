"""Pages of other origins: which may call the API, with what, and which headers of the answers they may read."""

import logging

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from skillquest.accounts.models import User
from skillquest.api.configuration import CROSS_ORIGIN
from tests.api.helpers import VALID
from tests.factories import UserFactory
from tests.machines.keys import client_with, make_key

GAME, OTHER, OWN = "https://game.example", "https://other.example", "http://testserver"
ME, COMPLETE = "/api/v1/auth/me", "/api/v1/levels/complete"
FROM_GAME = {"Origin": GAME}
PREFLIGHT = {
    **FROM_GAME,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
}
of_test_views = pytest.mark.urls("tests.api.urls")


@pytest.fixture(autouse=True)
def allowed(settings):
    settings.CORS_ALLOWED_ORIGINS = [GAME, "http://localhost:5173"]


@pytest.fixture
def client():
    return APIClient()


@pytest.fixture
def browser(db):
    """Signed in by cookie, and strict about CSRF."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory())
    return browser


def cors_headers(answer):
    return {name: value for name, value in answer.items() if name.lower().startswith("access-control-")}


READABLE = {
    "access-control-allow-origin": GAME,
    "access-control-expose-headers": (
        "Content-Disposition, Date, Deprecation, ETag, Idempotent-Replayed, Link, Location, "
        "RateLimit, RateLimit-Policy, Retry-After, Sunset, WWW-Authenticate, X-Request-ID"
    ),
}


def test_a_preflight_says_what_an_allowed_page_may_send_and_for_how_long(client):
    answer = client.options(COMPLETE, headers=PREFLIGHT)
    assert (answer.status_code, answer.content) == (200, b"")
    assert cors_headers(answer) == READABLE | {
        "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers": (
            "accept, accept-language, authorization, content-type, "
            "idempotency-key, if-match, if-none-match, x-request-id"
        ),
        "access-control-max-age": "7200",
    }
    assert answer["Vary"] == "origin"


def test_a_preflight_reads_no_database_and_uses_up_no_rate_limit_and_is_no_error(client, settings, caplog):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"write": "1/m", "read": "1/m"}
    with caplog.at_level(logging.WARNING):
        answers = [client.options(COMPLETE, headers=PREFLIGHT) for _ in range(3)]
    assert [(answer.status_code, answer.has_header("RateLimit")) for answer in answers] == [(200, False)] * 3
    assert caplog.records == []


def test_a_page_that_is_not_allowed_gets_nothing(client, db):
    preflight = client.options(COMPLETE, headers=PREFLIGHT | {"Origin": OTHER})
    assert (preflight.content, cors_headers(preflight)) == (b"", {})
    for origin in (
        OTHER,
        "null",
        "https://game.example.evil.test",
        "http://game.example",
        f"{GAME}:8443",
        "https://[bad",
    ):
        assert cors_headers(client.get(ME, headers={"Origin": origin})) == {}


def test_without_the_setting_there_is_nothing(client, settings, db):
    settings.CORS_ALLOWED_ORIGINS = []
    answer = client.get(ME, headers=FROM_GAME)
    assert (answer.status_code, cors_headers(answer), "origin" in answer["Vary"].lower()) == (401, {}, False)
    assert cors_headers(client.options(COMPLETE, headers=PREFLIGHT)) == {}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/admin/login/", "/static/skillquest/tracker.js", "/apix"])
def test_only_the_api_is_open_to_other_origins(client, path, db):
    assert cors_headers(client.get(path, headers=FROM_GAME)) == {}


def test_the_api_below_a_path_is_open_too(client, settings, db):
    settings.SITE_PATH = "/skillquest"
    assert cors_headers(client.get(f"/skillquest{ME}", headers=FROM_GAME)) == READABLE


# --- Answers ----------------------------------------------------------------------------------------------------------


def test_a_learner_with_a_token_is_served(learner_api, learner):
    answer = learner_api.get(ME, headers=FROM_GAME)
    assert (answer.status_code, answer.json()["id"]) == (200, learner.pk)
    assert cors_headers(answer) == READABLE


@pytest.mark.parametrize(
    ("path", "status"),
    [("private", 401), ("failures/domain", 403), ("nothing", 404), ("failures/bug", 500), ("failures/gone", 503)],
)
@of_test_views
def test_refusals_can_be_read_too(path, status):
    answer = APIClient(raise_request_exception=False).get(f"/api/v1/{path}", headers=FROM_GAME)
    assert (answer.status_code, cors_headers(answer)) == (status, READABLE)


@of_test_views
def test_what_middleware_refuses_can_be_read_too(client, settings):
    settings.RATELIMIT_ENABLE, settings.RATE_LIMITS = True, {"write": "1/m"}
    answers = [
        *(client.post("/api/v1/results", VALID, headers=FROM_GAME) for _ in range(2)),
        client.get("/api/v1/answer?a=%00", headers=FROM_GAME),
        client.get("/api/v1/answer", headers=FROM_GAME | {"Host": "unknown.example"}),
    ]
    settings.SECURE_SSL_REDIRECT = True
    answers.append(APIClient().get("/api/v1/answer", headers=FROM_GAME))
    assert [answer.status_code for answer in answers] == [200, 429, 400, 400, 301]
    assert [cors_headers(answer) for answer in answers] == [READABLE] * 5


def test_an_unchanged_answer_can_be_read_too(learner_api, db):
    first = learner_api.get("/api/v1/levels", headers=FROM_GAME)
    again = learner_api.get("/api/v1/levels", headers=FROM_GAME | {"If-None-Match": first["ETag"]})
    assert (again.status_code, cors_headers(again)) == (304, READABLE)


def test_all_headers_of_the_schema_can_be_sent_and_read():
    schema = SchemaGenerator().get_schema(public=True)
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    sent = {
        each["name"] for operation in operations for each in operation.get("parameters", []) if each["in"] == "header"
    }
    answers = [answer for operation in operations for answer in operation["responses"].values()]
    read = {name for answer in answers for name in answer.get("headers", {})}
    may_be_sent = set(CROSS_ORIGIN["CORS_ALLOW_HEADERS"])
    assert {name.lower() for name in sent} - may_be_sent <= {"skillquest-learner"}, "a server key belongs on a server"
    assert "skillquest-learner" not in may_be_sent
    assert read <= set(CROSS_ORIGIN["CORS_EXPOSE_HEADERS"])


# --- Cookies ----------------------------------------------------------------------------------------------------------


def test_a_cookie_signs_nobody_in_from_another_origin(browser):
    browser.get("/sign-in")
    token = browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else "a" * 32
    browser.cookies["csrftoken"] = token
    read = browser.get(ME, headers=FROM_GAME)
    written = browser.post("/api/v1/gamification/streaks/update", headers=FROM_GAME | {"X-CSRFToken": token})
    assert [(answer.status_code, answer.json()["code"]) for answer in (read, written)] == [
        (401, "not_authenticated")
    ] * 2
    assert "access-control-allow-credentials" not in cors_headers(read) | cors_headers(written)


def test_a_cookie_signs_nobody_in_even_if_forms_of_that_origin_are_trusted(browser, settings):
    settings.CSRF_TRUSTED_ORIGINS = [GAME]
    assert browser.get(ME, headers=FROM_GAME).status_code == 401


@pytest.mark.parametrize("origin", [OWN, None, "https://quest.example"])
def test_a_cookie_signs_in_from_our_own_pages_though_somebody_listed_them(browser, settings, origin):
    settings.CORS_ALLOWED_ORIGINS = [OWN, "https://quest.example"]
    settings.SITE_URL = "https://quest.example"
    assert browser.get(ME, headers={"Origin": origin} if origin else {}).status_code == 200


# --- Server keys ------------------------------------------------------------------------------------------------------


def test_a_server_key_is_refused_from_a_page_where_everybody_could_read_it(db, caplog):
    client = client_with(make_key()[1])
    assert client.put("/api/v1/learners/pupil-1", {}).status_code == 201
    with caplog.at_level(logging.INFO):
        refused = client.put("/api/v1/learners/pupil-2", {}, headers=FROM_GAME)
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_server_key")
    assert "reason=in_a_page" in caplog.text
    assert not User.objects.filter(external_id="pupil-2").exists()
