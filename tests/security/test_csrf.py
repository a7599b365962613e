"""P18: a browser that is signed in by cookie changes nothing for a stranger's page."""

import pytest
from django.conf import settings
from django.test import Client

from . import bodies, routes
from .asking import CSRF_TOKEN, Doorkeeper, contents
from .table import read_rows

ME = "/api/v1/auth/me"
UNSAFE = [row for row in read_rows() if row.method != "GET"]
# Let in without a cookie, so that a cookie is no reason to do anything.
OPEN = ("register", "login", "refresh", "logout", "password/reset", "password/reset/confirm")
WITHOUT_COOKIES = {f"POST /api/v1/auth/{name}" for name in OPEN}


@pytest.fixture
def keeper(world):
    return Doorkeeper(world)


def forged(keeper, row, role, *, cookie=CSRF_TOKEN, header=None, field=None, **headers):
    """What a browser sends that was led here: the session cookie, and whatever of the CSRF token is given."""
    data, content_type = keeper.body(row.method, row.path)
    if field and not routes.is_api(row.path):
        data += f"&csrfmiddlewaretoken={field}".encode()
    keeper.client.cookies.clear()
    keeper.client.cookies[settings.SESSION_COOKIE_NAME] = keeper.world.people[role].cookie
    if cookie:
        keeper.client.cookies[settings.CSRF_COOKIE_NAME] = cookie
    if header:
        headers["X-CSRFToken"] = header
    address = bodies.address(row.path.partition("#")[0], keeper.world)
    return keeper.client.generic(row.method, address, data, content_type=content_type, headers=headers)


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
    "the right token, from a site that sounds like ours": {
        "header": CSRF_TOKEN,
        "Origin": "http://testserver.evil.example",
    },
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_request_changes_nothing_anywhere(keeper, forgery):
    before, done = contents(), []
    for row in UNSAFE:
        if row.endpoint not in WITHOUT_COOKIES:
            role = "learner" if row.cells["learner"].startswith("2") else "superuser"
            answer = forged(keeper, row, role, **FORGERIES[forgery])
            done += [(row.endpoint, answer.status_code)] * (answer.status_code != 403)
    assert done == []
    assert contents() == before


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/forgot-password", "/new-password/{token}", "/admin/login/"])
def test_nobody_is_signed_in_as_somebody_else_by_a_strangers_page(keeper, path):
    data, content_type = keeper.body("POST", path)
    keeper.client.cookies.clear()
    answer = keeper.client.generic("POST", bodies.address(path, keeper.world), data, content_type=content_type)
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
def test_over_https_the_page_that_asks_must_be_ours(world, headers, status):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[settings.SESSION_COOKIE_NAME] = world.learner.cookie
    browser.cookies[settings.CSRF_COOKIE_NAME] = CSRF_TOKEN
    headers = headers | {"X-CSRFToken": CSRF_TOKEN}
    answer = browser.patch(ME, {"display_name": "x"}, "application/json", secure=True, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_a_look_stays_a_look_whatever_it_calls_itself(world, header):
    browser, before = Client(enforce_csrf_checks=True), contents()
    browser.cookies[settings.SESSION_COOKIE_NAME] = world.learner.cookie
    answer = browser.get(ME, {"_method": "PATCH", "display_name": "x"}, headers={header: "PATCH"})
    assert answer.status_code in {200, 400}
    assert contents() == before


def test_a_kept_answer_is_not_given_to_a_forged_retry(world, client_of):
    headers, body = {"Idempotency-Key": "mine"}, {"level_id": "spare", "score": 85}
    assert client_of("learner").post("/api/v1/levels/complete", body, headers=headers).status_code == 200
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[settings.SESSION_COOKIE_NAME] = world.learner.cookie
    answer = browser.post("/api/v1/levels/complete", body, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
