import pytest
from django.test import Client
from rest_framework.test import APIClient

from skillquest.api.errors import NO_SUCH_PATH
from tests.api.helpers import VALID, post, problem_of

pytestmark = pytest.mark.urls("tests.api.urls")

SERVER_ERROR = "Something went wrong on our side. The request id finds it in our logs."
BUSY = "The service is busy. Try again in a moment."


@pytest.fixture
def client():
    """A client that returns 500 answers instead of raising the exception."""
    return APIClient(raise_request_exception=False)


@pytest.mark.parametrize(
    ("failure", "status", "code", "detail", "errors"),
    [
        ("missing", 404, "not_found", "Not found.", None),
        ("forbidden", 403, "permission_denied", "You do not have permission to perform this action.", None),
        ("bad", 400, "parse_error", "Say it in other words.", None),
        ("suspicious", 400, "parse_error", "Malformed request.", None),
        ("big", 413, "body_too_large", "The request body is too large.", None),
        ("lock", 503, "unavailable", BUSY, None),
        ("deadlock", 503, "unavailable", BUSY, None),
        ("serialization", 503, "unavailable", BUSY, None),
        ("gone", 503, "unavailable", BUSY, None),
        ("closed", 503, "unavailable", BUSY, None),
        ("busy", 503, "unavailable", BUSY, None),
        ("taken", 409, "conflict", "Something with the same identity exists already.", None),
        ("check", 500, "server_error", SERVER_ERROR, None),
        ("table", 500, "server_error", SERVER_ERROR, None),
        ("bug", 500, "server_error", SERVER_ERROR, None),
        ("list", 400, "invalid", "First. Second.", None),
        (
            "nested",
            400,
            "invalid",
            "events.1.score: Too large. (and 1 more)",
            {"events.1.score": ["Too large."], "name": ["Too long."]},
        ),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_an_exception_becomes_a_problem(client, settings, debug, failure, status, code, detail, errors):
    settings.DEBUG = debug

    answer = client.get(f"/api/v1/failures/{failure}")

    assert problem_of(answer, status, code) == (detail, errors)
    assert answer.headers.get("Retry-After") == ("1" if status == 503 else None)
    assert b"secret" not in answer.content


def test_a_domain_error_can_have_more_fields(client):
    answer = client.get("/api/v1/failures/domain")

    assert (answer.status_code, answer.json()) == (
        403,
        {
            "type": "/problems/level_locked",
            "title": "Level locked",
            "status": 403,
            "detail": "Finish level-1 first.",
            "success": False,
            "code": "level_locked",
            "request_id": answer["X-Request-ID"],
            "missing": ["level-1"],
        },
    )


def test_an_unexpected_error_is_logged_with_its_traceback_and_request_id(client, caplog):
    answer = client.get("/api/v1/failures/bug", HTTP_X_REQUEST_ID="my-request")

    assert answer.json()["request_id"] == "my-request"
    assert [(record.message, record.exc_info[0]) for record in caplog.records if record.exc_info] == [
        ("Unexpected error", ZeroDivisionError)
    ]


def test_an_error_of_the_whole_object_becomes_the_detail():
    answer = post("/api/v1/results", VALID | {"name": "unlucky"})
    assert problem_of(answer, 400, "bad_luck") == ("This name brings bad luck.", None)


def test_an_answer_lists_ten_errors_and_counts_all():
    unknown = {f"unknown{number}": 1 for number in range(25)}
    detail, errors = problem_of(post("/api/v1/results", VALID | unknown), 400, "invalid")
    assert detail == "unknown0: Unknown field. (and 24 more)"
    assert errors == {f"unknown{number}": ["Unknown field."] for number in range(10)}


def test_an_answer_repeats_the_beginning_of_a_long_name():
    detail, errors = problem_of(post("/api/v1/results", VALID | {"x" * 5000: 1}), 400, "invalid")
    assert errors == {"x" * 99 + "…": ["Unknown field."]}
    assert detail == "x" * 99 + "…: Unknown field."


def test_an_answer_repeats_the_beginning_of_a_long_value():
    _, errors = problem_of(post("/api/v1/results", VALID | {"kind": "x" * 5000}), 400, "invalid")
    assert errors == {"kind": ['"' + "x" * 298 + "…"]}


def test_missing_credentials_are_answered_with_the_scheme_to_use():
    answer = post("/api/v1/private", VALID)

    assert problem_of(answer, 401, "not_authenticated") == ("Authentication credentials were not provided.", None)
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_refused_sign_in_is_401_although_the_view_has_no_authentication():
    answer = post("/api/v1/sign-in", {"username": "ana", "password": "wrong"})

    detail = "No active account has this name and password."
    assert problem_of(answer, 401, "authentication_failed") == (detail, None)
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_wrong_method_is_answered_with_the_allowed_ones(client):
    answer = client.get("/api/v1/results")

    assert problem_of(answer, 405, "method_not_allowed") == ('Method "GET" not allowed.', None)
    assert answer["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "NONSENSE"])
def test_an_unknown_method_is_refused(client, method):
    problem_of(client.generic(method, "/api/v1/results"), 405, "method_not_allowed")


def test_a_client_that_accepts_only_html_gets_a_problem(client):
    problem_of(client.get("/api/v1/answer", HTTP_ACCEPT="text/html"), 406, "not_acceptable")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v1/results/1", "/api/v1//results"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_a_problem_for_every_method(settings, debug, path, method):
    settings.DEBUG = debug
    client = Client(enforce_csrf_checks=True)

    assert problem_of(client.generic(method, path), 404, "not_found") == (NO_SUCH_PATH, None)


def test_an_exception_outside_of_an_api_view_is_a_problem(client):
    assert problem_of(client.get("/api/v1/broken"), 500, "server_error") == (SERVER_ERROR, None)
    assert problem_of(client.get("/api/v1/refused"), 400, "parse_error") == ("Say it in other words.", None)


def test_an_unknown_host_is_a_problem(client):
    # The host of the test client is allowed.
    problem_of(client.get("/api/v1/answer", HTTP_HOST="evil.example"), 400, "parse_error")


@pytest.mark.parametrize(("path", "status"), [("/broken", 500), ("/refused", 400), ("/nothing", 404)])
def test_errors_of_pages_are_html(client, path, status):
    answer = client.get(path)

    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    assert b"secret" not in answer.content
