"""The pages on which staff give a freeze back or repair a day: first they show what it does, then it is done once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from gamification.awards import check_in
from gamification.models import ActivityDay, DayRepair, LearnerProfile
from tests.factories import StaffFactory, UserFactory

from .conftest import address

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WHY = {"reason": "Our outage", "note": "Ticket 7."}


@pytest.fixture
def steward(client, db):
    person = StaffFactory(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename__in=["repair_days", "view_learnerprofile"]))
    client.force_login(person)
    return person


@pytest.fixture
def frozen(learner):
    """Active on the 18th and on the 20th; a freeze was used for the day between."""
    check_in(learner.pk, at=NOW - timedelta(days=2))
    check_in(learner.pk, at=NOW)
    return learner


@pytest.fixture
def broken(learner):
    """Active from the 14th to the 16th, and on the 20th; the days between are missed."""
    LearnerProfile.objects.filter(pk=learner.pk).update(freezes_available=0, first_freezes=0)
    for ago in (6, 5, 4, 0):
        check_in(learner.pk, at=NOW - timedelta(days=ago))
    return learner


def send(client, learner, act, day, **more):
    return client.post(address(learner, act), {"date": day, **WHY, **more})


def kinds(learner):
    return dict(ActivityDay.objects.filter(learner=learner).values_list("date", "kind"))


def freezes_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).freezes_available


def test_a_freeze_is_previewed_and_then_given_back_once(client, steward, frozen):
    had = freezes_of(frozen)
    shown = client.get(f"{address(frozen, 'return_freeze')}?date=2026-11-19").content.decode()
    assert f"Freezes: {had} → <strong>{had + 1}</strong>" in shown
    preview = send(client, frozen, "return_freeze", "2026-11-19", _preview="1").content.decode()
    assert f"Freezes: {had} → <strong>{had + 1}</strong>" in preview
    assert (freezes_of(frozen), DayRepair.objects.count()) == (had, 0)
    for _ in range(2):
        done = send(client, frozen, "return_freeze", "2026-11-19", _apply="2026-11-19")
        assert (done.status_code, done.url) == (302, address(frozen))
    assert (freezes_of(frozen), DayRepair.objects.get().actor) == (had + 1, steward)
    assert kinds(frozen)[date(2026, 11, 19)] == "pardoned"


def test_a_day_is_repaired_and_the_admin_logs_who_and_why(client, steward, broken):
    send(client, broken, "repair_day", "2026-11-19", _apply="2026-11-19")
    assert kinds(broken)[date(2026, 11, 19)] == "pardoned"
    logged = LogEntry.objects.get()
    assert (logged.user, logged.object_id) == (steward, str(broken.pk))
    assert logged.change_message == (
        "The day 2026-11-19 was repaired. The streak was 1 days and is 1 now. Reason: Our outage Note: Ticket 7."
    )


def test_a_day_that_was_changed_after_the_preview_is_previewed_first(client, steward, broken):
    answer = send(client, broken, "repair_day", "2026-11-18", _apply="2026-11-19")
    assert (answer.status_code, DayRepair.objects.count()) == (200, 0)
    assert "What it does" in answer.content.decode()


@pytest.mark.parametrize(
    ("act", "day"), [("return_freeze", "2026-11-19"), ("repair_day", "2026-11-20"), ("repair_day", "2026-09-01")]
)
def test_what_is_impossible_is_said_and_changes_nothing(client, steward, broken, act, day):
    before = kinds(broken)
    assert "This would be refused: " in client.get(f"{address(broken, act)}?date={day}").content.decode()
    answer = send(client, broken, act, day, _apply=day)
    assert (answer.status_code, "errorlist" in answer.content.decode()) == (200, True)
    assert (kinds(broken), DayRepair.objects.count()) == (before, 0)


@pytest.mark.parametrize("wrong", [{"date": "x"}, {"date": ""}, {"reason": ""}, {"note": ""}, {"reason": "a\nb c"}])
def test_a_form_with_errors_changes_nothing(client, steward, broken, wrong):
    body = {"date": "2026-11-19", **WHY, "_apply": "2026-11-19"} | wrong
    assert client.post(address(broken, "repair_day"), body).status_code == 200
    assert DayRepair.objects.count() == 0


@pytest.mark.parametrize("text", ["", "x", "2026-13-45", "2026-11-31"])
def test_an_address_without_a_date_shows_an_empty_form(client, steward, broken, text):
    page = client.get(f"{address(broken, 'repair_day')}?date={text}")
    assert (page.status_code, page.context["preview"]) == (200, None)


def test_nobody_repairs_their_own_days(client, steward):
    answer = client.get(address(steward, "repair_day"), follow=True)
    assert "Nobody repairs their own days." in answer.content.decode()


def test_repairing_requires_the_right(client, broken):
    client.force_login(StaffFactory(is_superuser=False))
    for act in ("repair_day", "return_freeze"):
        assert client.get(address(broken, act)).status_code == 403
        assert send(client, broken, act, "2026-11-19", _apply="2026-11-19").status_code == 403
    client.force_login(UserFactory())
    assert send(client, broken, "repair_day", "2026-11-19", _apply="2026-11-19").status_code == 302
    assert DayRepair.objects.count() == 0
