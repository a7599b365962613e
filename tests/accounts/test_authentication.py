import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from rest_framework.request import Request

from skillquest.api.authentication import BearerAuthentication, CookieAuthentication
from tests.accounts.api_calls import INVALID_TOKEN, NOT_SIGNED_IN, call, problem, refused
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
ME = "/api/v1/auth/me"
CSRF_FAILED = refused(
    "csrf_failed", "A request signed in by cookie must carry the CSRF token in the header X-CSRFToken."
)


def request_with(**headers):
    http_request = RequestFactory().get(ME, **headers)
    http_request.user = AnonymousUser()
    return http_request


def authenticate(http_request):
    """As DRF does in a view; each call makes its own DRF request."""
    return Request(http_request, authenticators=[BearerAuthentication(), CookieAuthentication()])


def test_a_bearer_costs_one_statement_however_often_it_is_asked_for(learner, pair, django_assert_num_queries):
    http_request = request_with(HTTP_AUTHORIZATION=f"Bearer {pair['access_token']}")
    with django_assert_num_queries(1):
        first, second = authenticate(http_request), authenticate(http_request)
        assert (first.user, second.user) == (learner, learner)
        assert first.auth is second.auth


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
@pytest.mark.parametrize("gap", [" ", "   "])
def test_the_scheme_is_read_in_any_case(pair, scheme, gap):
    answer = call("GET", "me", HTTP_AUTHORIZATION=f"{scheme}{gap}{pair['access_token']}")
    assert answer.status_code == 200


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer garbage", "Bearer a b", "bearer é"])
def test_a_bad_token_is_401(header):
    answer = call("GET", "me", HTTP_AUTHORIZATION=header)
    assert (answer.status_code, answer["WWW-Authenticate"], problem(answer)) == (401, "Bearer", INVALID_TOKEN)


@pytest.mark.parametrize("header", ["", "   ", "Basic YTpi", "Token x", "Bearer,x"])
def test_other_authentication_schemes_are_refused(header):
    answer = call("GET", "me", HTTP_AUTHORIZATION=header)
    assert (answer.status_code, problem(answer)) == (401, NOT_SIGNED_IN)


def test_a_bad_token_is_401_even_with_a_good_cookie(client, learner):
    client.force_login(learner)
    answer = client.get(ME, HTTP_AUTHORIZATION="Bearer garbage")
    assert (answer.status_code, problem(answer)) == (401, INVALID_TOKEN)


def test_the_token_counts_when_both_are_good(client, learner, pair):
    client.force_login(UserFactory())
    answer = client.get(ME, HTTP_AUTHORIZATION=f"Bearer {pair['access_token']}")
    assert answer.json()["id"] == learner.pk


def test_a_token_needs_no_csrf(pair):
    browser = Client(enforce_csrf_checks=True)
    answer = browser.patch(
        ME, {"display_name": "x"}, "application/json", HTTP_AUTHORIZATION=f"Bearer {pair['access_token']}"
    )
    assert answer.status_code == 200


@pytest.fixture
def browser(learner):
    """Signed in by cookie; by default Django's test client skips the CSRF check."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(learner)
    return browser


def test_a_cookie_reads_without_csrf_and_writes_only_with_it(browser):
    assert browser.get(ME).status_code == 200
    answer = browser.patch(ME, {"display_name": "x"}, "application/json")
    assert (answer.status_code, problem(answer)) == (403, CSRF_FAILED)
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    answer = browser.patch(ME, {"display_name": "x"}, "application/json", HTTP_X_CSRFTOKEN="a" * 32)
    assert (answer.status_code, answer.json()["display_name"]) == (200, "x")


def test_a_wrong_csrf_token_is_refused(browser):
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    answer = browser.patch(ME, {"display_name": "x"}, "application/json", HTTP_X_CSRFTOKEN="b" * 32)
    assert (answer.status_code, problem(answer)) == (403, CSRF_FAILED)


def test_the_cookie_of_a_deactivated_person_is_no_credential(browser, learner):
    learner.is_active = False
    learner.save()
    answer = browser.get(ME)
    assert (answer.status_code, problem(answer)) == (401, NOT_SIGNED_IN)


def test_each_sign_in_gets_a_new_cookie_that_sign_out_ends(client, staff):
    def sign_in():
        client.post("/admin/login/", {"username": staff.username, "password": PASSWORD})
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    first = sign_in()
    assert client.get(ME).status_code == 200
    client.post("/admin/logout/")
    assert sign_in() != first
    client.cookies[settings.SESSION_COOKIE_NAME] = first
    assert client.get(ME).status_code == 401
