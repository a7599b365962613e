"""The first tab: who the learner is, where they stand, their days and their XP by day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from gamification.awards import check_in
from gamification.awards.adjustments import reverse as take_back
from gamification.models import ActivityDay, BoardStanding, FreezeEvent, LearnerProfile
from gamification.staff.day_repairs import repair_day
from gamification.staff.standings import set_board_standing
from skillquest.learner_page import xp
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

from .conftest import address, block, facts

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday


def test_a_new_learner_has_facts_and_an_empty_calendar(client, boss, tab):
    learner = UserFactory(username="ana", display_name="Ana Ming", email="ana@example.test")
    page = tab(learner)
    assert facts(page, "Person") == {
        "Username": "ana",
        "Display name": "Ana Ming",
        "E-mail address": "ana@example.test",
        "Kind": "Member",
        "Staff": "No",
        "Joined": "2020-01-01",
        "Last active": "Never",
        "Time zone": "UTC",
    }
    assert facts(page, "XP")["Level"] == "1, Novice"
    assert facts(page, "Leaderboards") == {"Board standing": "Ranked", "Opted out": "No"}
    assert page["calendar"].legend == []
    assert block(page, "Days without activity") == []
    assert "No activity in these weeks." in client.get(address(learner)).content.decode()


def test_xp_and_level_are_those_of_the_profile(boss, tab, learner):
    adjust(learner_id=learner.pk, amount=150, reason="A gift", actor=StaffFactory(), at=NOW)
    found = facts(tab(learner), "XP")
    assert (found["Total XP"], found["Verified XP"], found["Level"]) == (150, 150, "2, Novice")


def test_the_board_standing_says_why_by_whom_and_until_when(boss, tab, learner):
    until = NOW + timedelta(days=3)
    set_board_standing(
        learner_id=learner.pk,
        standing=BoardStanding.UNDER_REVIEW,
        until=until,
        reason="Looked at",
        note="Fast.",
        actor=boss,
        at=NOW,
    )
    assert facts(tab(learner), "Leaderboards") == {
        "Board standing": "Under Review",
        "Until": "2026-11-23 12:00",
        "Reason": "Looked at",
        "Note": "Fast.",
        "Decided": "2026-11-20 12:00 by boss",
        "Opted out": "No",
    }


def fields(page):
    """Date -> (kind, words) of the calendar."""
    calendar = page["calendar"]
    found = {}
    for weekday, (_, row) in enumerate(calendar.rows):
        for week, field in enumerate(row):
            if field:
                found[calendar.first + timedelta(days=weekday, weeks=week)] = (field.kind, field.text)
    return found


def test_the_calendar_has_the_kind_and_the_reason_of_each_day(boss, tab, learner):
    level = LevelFactory()
    complete_level(learner=learner, claim=Claim(level.level_id, 900, 60), source="api", at=NOW - timedelta(days=10))
    check_in(learner.pk, at=NOW - timedelta(days=8))  # the day between takes a freeze
    repair_day(learner_id=learner.pk, date=date(2026, 11, 13), actor=boss, reason="Ill", note="Seen.", at=NOW)
    days = fields(tab(learner))
    assert min(days) == date(2026, 8, 31)  # a Monday
    assert max(days) == date(2026, 11, 20)
    said = {day: (kind, text.partition(": ")[2]) for day, (kind, text) in days.items() if kind != "none"}
    assert said == {
        date(2026, 11, 10): ("active", "Active, with a completion"),
        date(2026, 11, 11): ("frozen", "Frozen: a freeze was used"),
        date(2026, 11, 12): ("active", "Active, by a check-in or practice"),
        date(2026, 11, 13): ("repaired", "Repaired by staff: Ill"),
        **{date(2026, 11, day): ("missed", "Missed") for day in range(14, 20)},
    }


def test_days_without_activity_lead_to_what_staff_may_do_about_them(boss, tab, learner):
    check_in(learner.pk, at=NOW - timedelta(days=3))
    check_in(learner.pk, at=NOW - timedelta(days=1))
    rows = tab(learner)["blocks"][0].rows
    assert [row[0] for row in rows] == ["2026-11-18"]
    assert rows[0][3].url == f"{address(learner, 'return_freeze')}?date=2026-11-18"
    LearnerProfile.objects.filter(pk=learner.pk).update(freezes_available=3)
    assert tab(learner)["blocks"][0].rows[0][3] == "Has as many freezes as one can have"
    FreezeEvent.objects.filter(learner=learner).delete()
    ActivityDay.objects.filter(learner=learner, kind="frozen").delete()
    assert tab(learner)["blocks"][0].rows[0][3].url == f"{address(learner, 'repair_day')}?date=2026-11-18"


def values(page):
    chart = page["chart"]
    return dict(zip(chart.labels, chart.series[0].values, strict=True))


def give(learner, amount, at):
    return adjust(learner_id=learner.pk, amount=amount, reason="A gift", actor=StaffFactory(), at=at)


def test_the_chart_sums_the_last_30_or_90_dates_of_the_learners_zone(boss, tab):
    learner = UserFactory(profile__time_zone="Asia/Jakarta")
    give(learner, 5, datetime(2026, 11, 19, 20, tzinfo=UTC))  # the 20th there
    give(learner, 8, datetime(2026, 9, 1, 12, tzinfo=UTC))
    take_back(give(learner, 20, datetime(2026, 11, 18, 12, tzinfo=UTC)), actor=boss, note="", at=NOW)
    month, quarter = values(tab(learner)), values(tab(learner, query="?days=90"))
    assert (len(month), len(quarter)) == (30, 90)
    assert {day: xp for day, xp in month.items() if xp} == {"20 Nov": 5}
    assert {day: xp for day, xp in quarter.items() if xp} == {"01 Sep": 8, "20 Nov": 5}


@pytest.mark.parametrize("query", ["?days=1000000", "?days=x", "?days="])
def test_other_periods_show_30_days(boss, tab, learner, query):
    assert len(values(tab(learner, query=query))) == 30


def test_the_chart_looks_at_the_newest_entries_only_and_says_so(client, boss, tab, learner, monkeypatch):
    monkeypatch.setattr(xp, "MOST_ENTRIES", 2)
    for amount in (1, 2, 4):
        give(learner, amount, timezone.now())
    assert sum(values(tab(learner)).values()) == 6
    assert "Only the newest 2 lines of the ledger are summed." in client.get(address(learner)).content.decode()
