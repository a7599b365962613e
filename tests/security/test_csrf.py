"""P18: requests from pages of other sites change nothing, although the browser sends its session cookie."""

import pytest
from django.conf import settings
from django.test import Client

from . import routes, valid_requests
from .requester import CSRF_TOKEN, Requester, contents
from .table import read_rows

ME = "/api/v1/auth/me"
UNSAFE = [row for row in read_rows() if row.method != "GET"]
# These endpoints ignore cookies, so a forged request gains nothing from them.
PUBLIC = ("register", "login", "guest", "refresh", "logout", "password/reset", "password/reset/confirm")
WITHOUT_COOKIES = {f"POST /api/v1/auth/{name}" for name in PUBLIC}


@pytest.fixture
def requester(world):
    return Requester(world)


def forged(requester, row, role, *, cookie=CSRF_TOKEN, header=None, field=None, **headers):
    """The answer to a request with the session cookie of the role and the given parts of a CSRF token."""
    data, content_type = requester.body(row.method, row.path)
    if field and not routes.is_api(row.path):
        data += f"&csrfmiddlewaretoken={field}".encode()
    requester.client.cookies.clear()
    requester.client.cookies[settings.SESSION_COOKIE_NAME] = requester.world.people[role].cookie
    if cookie:
        requester.client.cookies[settings.CSRF_COOKIE_NAME] = cookie
    if header:
        headers["X-CSRFToken"] = header
    address = valid_requests.address(row.path.partition("#")[0], requester.world)
    return requester.client.generic(row.method, address, data, content_type=content_type, headers=headers)


FORGERIES = {
    "no token at all": {"cookie": None},
    "the cookie alone": {},
    "the header alone": {"cookie": None, "header": CSRF_TOKEN},
    "another token in the header": {"header": "b" * 32},
    "another token in the form": {"field": "b" * 32},
    "half a token": {"header": CSRF_TOKEN[:16]},
    "an empty header": {"header": " "},
    "the right token, from another site": {"header": CSRF_TOKEN, "Origin": "https://evil.example"},
    "the right token, from no site": {"header": CSRF_TOKEN, "Origin": "null"},
    "the right token, from a site with a similar name": {
        "header": CSRF_TOKEN,
        "Origin": "http://testserver.evil.example",
    },
}


@pytest.mark.any_database
@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_requests_to_all_endpoints_are_refused_and_change_nothing(requester, forgery):
    before, accepted = contents(), []
    for row in UNSAFE:
        if row.endpoint not in WITHOUT_COOKIES:
            role = "learner" if row.cells["learner"].startswith("2") else "superuser"
            answer = forged(requester, row, role, **FORGERIES[forgery])
            accepted += [(row.endpoint, answer.status_code)] * (answer.status_code != 403)
    assert accepted == []
    assert contents() == before


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/forgot-password", "/new-password", "/admin/login/"])
def test_a_page_of_another_site_cannot_submit_sign_in_forms(requester, path):
    data, content_type = requester.body("POST", path)
    requester.client.cookies.clear()
    answer = requester.client.generic(
        "POST", valid_requests.address(path, requester.world), data, content_type=content_type
    )
    assert (answer.status_code, settings.SESSION_COOKIE_NAME in answer.cookies) == (403, False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Referer": "https://evil.example/"}, 403),
        ({"Referer": "http://testserver/levels"}, 403),
        ({"Referer": "https://testserver/levels"}, 200),
        ({"Origin": "https://testserver"}, 200),
        ({"Origin": "http://testserver"}, 403),
    ],
)
def test_over_https_the_origin_or_referer_must_be_this_site(world, headers, status):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[settings.SESSION_COOKIE_NAME] = world.learner.cookie
    browser.cookies[settings.CSRF_COOKIE_NAME] = CSRF_TOKEN
    headers = headers | {"X-CSRFToken": CSRF_TOKEN}
    answer = browser.patch(ME, {"display_name": "x"}, "application/json", secure=True, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_headers_and_parameters_cannot_override_the_method_get(world, header):
    browser, before = Client(enforce_csrf_checks=True), contents()
    browser.cookies[settings.SESSION_COOKIE_NAME] = world.learner.cookie
    answer = browser.get(ME, {"_method": "PATCH", "display_name": "x"}, headers={header: "PATCH"})
    assert answer.status_code in {200, 400}
    assert contents() == before


def test_a_forged_request_does_not_get_the_stored_answer_of_an_idempotency_key(world, client_of):
    headers, body = {"Idempotency-Key": "mine"}, {"level_id": "spare", "score": 85}
    assert client_of("learner").post("/api/v1/levels/complete", body, headers=headers).status_code == 200
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[settings.SESSION_COOKIE_NAME] = world.learner.cookie
    answer = browser.post("/api/v1/levels/complete", body, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
