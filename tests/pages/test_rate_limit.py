"""Looking at pages is limited like reading by the API, with a budget of its own."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limit(settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"page": "3/h"}


def statuses(browser, paths, **headers):
    return [browser.get(path, **headers).status_code for path in paths]


def test_above_the_limit_a_page_says_how_long_to_wait(learner_page):
    assert statuses(learner_page, ["/dashboard", "/levels", "/history"]) == [200, 200, 200]
    refused = learner_page.get("/dashboard")
    assert refused.status_code == 429
    assert refused["Content-Type"].startswith("text/html")
    assert f"Try again in {refused['Retry-After']} seconds." in refused.content.decode()
    assert refused["RateLimit-Policy"] == '"page";q=3;w=3600'


def test_each_person_has_a_budget_and_each_address_for_those_not_signed_in(learner_page, visit, staff):
    statuses(learner_page, ["/dashboard"] * 3)
    assert statuses(visit(staff), ["/dashboard"]) == [200]
    anonymous = Client()
    assert statuses(anonymous, ["/", "/sign-in", "/sign-up", "/"]) == [200, 200, 200, 429]
    assert statuses(anonymous, ["/"], REMOTE_ADDR="198.51.100.2") == [200]


def test_pages_and_api_have_separate_budgets(learner_page):
    statuses(learner_page, ["/dashboard"] * 4)
    assert learner_page.get("/api/v1/auth/me").status_code == 200


def test_a_head_request_counts(learner_page):
    assert [learner_page.head("/dashboard").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_the_admin_has_no_limit(visit, staff):
    assert statuses(visit(staff), ["/admin/"] * 4) == [200] * 4
