"""Staff have to sign in again after 12 hours, and after 2 hours without a request."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from skillquest.accounts.models import BrowserSession, User
from tests.accounts.api_calls import call
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
ADMIN, PAGE, ME = "/admin/", "/dashboard", "/api/v1/auth/me"


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def signed_in(user):
    browser = Client()
    browser.force_login(user)
    return browser


def passes(clock, *, hours):
    clock.shift(timedelta(hours=hours))


def is_signed_in(browser):
    return browser.get(ME).status_code == 200


def test_staff_who_work_stay_for_twelve_hours(clock, staff, security_log):
    browser = signed_in(staff)
    for _ in range(11):
        passes(clock, hours=1)
        assert browser.get(ADMIN).status_code == 200
    passes(clock, hours=1)
    assert browser.get(ADMIN)["Location"] == "/admin/login/?next=/admin/"
    assert f"staff_session_ended user={staff.pk}" in security_log()
    assert not BrowserSession.objects.exists()


@pytest.mark.parametrize("path", [ADMIN, PAGE, ME])
def test_two_silent_hours_end_a_session(clock, staff, path):
    browser = signed_in(staff)
    passes(clock, hours=1.99)
    assert is_signed_in(browser)
    passes(clock, hours=2)
    assert browser.get(path).status_code in {302, 401}
    assert not is_signed_in(browser)


def test_a_form_that_is_sent_too_late_changes_nothing(clock, staff, learner):
    browser = signed_in(staff)
    passes(clock, hours=2)
    form = {"username": learner.username, "email": learner.email, "display_name": "Late", "language": "en"}
    answer = browser.post(f"/admin/accounts/user/{learner.pk}/change/", form | {"is_active": "on"})
    assert answer["Location"].startswith("/admin/login/")
    assert User.objects.get(pk=learner.pk).display_name == ""


def test_learners_stay_signed_in(clock, learner):
    browser = signed_in(learner)
    passes(clock, hours=13)
    assert is_signed_in(browser)


def test_signing_in_again_begins_again(clock, staff):
    browser = Client()
    form = {"username": staff.username, "password": PASSWORD}
    for _ in range(2):
        assert browser.post("/admin/login/?next=/admin/", form).status_code == 302
        passes(clock, hours=1.5)
        assert is_signed_in(browser)
        passes(clock, hours=1.5)
    assert browser.post("/sign-in", {"identifier": staff.username, "password": PASSWORD}).status_code == 302
    assert is_signed_in(browser)


def test_a_learner_who_becomes_staff_is_staff_from_then_on(clock, learner):
    browser = signed_in(learner)
    passes(clock, hours=24)
    User.objects.filter(pk=learner.pk).update(is_staff=True)
    assert browser.get(ADMIN).status_code == 200
    passes(clock, hours=2)
    assert not is_signed_in(browser)


def test_the_hours_are_settings(clock, staff, settings):
    settings.STAFF_SESSION_IDLE = timedelta(minutes=10)
    settings.STAFF_SESSION_AGE = timedelta(minutes=15)
    browser = signed_in(staff)
    for minutes, expected in [(9, True), (6, False)]:
        clock.shift(timedelta(minutes=minutes))
        assert is_signed_in(browser) is expected


def test_the_time_of_a_request_is_written_at_most_every_two_minutes(clock, staff):
    browser = signed_in(staff)
    before = queries_of(browser)
    clock.shift(timedelta(minutes=2))
    written = queries_of(browser)
    assert len([sql for sql in written if sql.startswith("UPDATE")]) == 1
    assert queries_of(browser) == before
    assert not [sql for sql in before if sql.startswith("UPDATE")]


def queries_of(browser):
    """The statements of a request, without their values."""
    with CaptureQueriesContext(connection) as queries:
        browser.get(ME)
    return [query["sql"].partition(" WHERE ")[0] for query in queries]


def test_tokens_have_their_own_lifetime(clock, staff):
    answer = call("POST", "login", {"username": staff.username, "password": PASSWORD})
    passes(clock, hours=13)
    again = call("POST", "refresh", {"refresh_token": answer.json()["refresh_token"]})
    assert call("GET", "me", token=again.json()["access_token"]).status_code == 200


def test_nothing_is_written_for_learners(clock):
    browser = signed_in(UserFactory())
    clock.shift(timedelta(hours=5))
    assert not [sql for sql in queries_of(browser) if sql.startswith("UPDATE")]
