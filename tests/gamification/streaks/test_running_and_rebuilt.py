"""Random actions in any order: the profile always agrees with the rows, and active days do not depend on the order."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from gamification.awards.activity import check_in, protect_today
from gamification.errors import NoFreezesLeft, NoStreak, TimeZoneChangeTooSoon
from gamification.models import ActivityDay, FreezeEvent, LedgerEntry, TimeZoneChange
from gamification.profiles.locking import lock_profile
from gamification.staff.amnesties import apply_amnesties, grant_amnesty
from gamification.streaks.changing_zones import change_time_zone
from gamification.streaks.local_dates import end_of, local_date, record_local_time
from gamification.streaks.pending_days import PendingDays, write_days
from gamification.streaks.recording import record_activity
from gamification.streaks.runs import Calendar, streak_of
from gamification.streaks.skipped_dates import SkippedDates
from tests.factories import StaffFactory, UserFactory, credit

from .day_patterns import noon, profile_of

pytestmark = pytest.mark.django_db

ZONES = st.sampled_from(["UTC", "Pacific/Niue", "Pacific/Kiritimati", "Asia/Jakarta", "America/Nuuk"])
WAITS = st.sampled_from([0, 1, 5, 20, 24, 24, 24, 24, 48, 72, 96, 120, 240])  # hours until the next action
AGES = st.sampled_from([0, 0, 0, 0, 1, 12, 24, 36, 48, 72, 100, 200])  # hours since it happened
ACTIONS = st.one_of(
    st.tuples(st.just("complete"), AGES),
    st.tuples(st.just("complete"), AGES),
    st.tuples(st.just("check in"), st.none()),
    st.tuples(st.just("freeze"), st.none()),
    st.tuples(st.just("move"), ZONES),
    st.tuples(st.just("amnesty"), st.tuples(st.integers(-150, 100), st.integers(1, 100), st.booleans())),
)


def complete(learner, occurred_at, at):
    """What `AwardBatch` does for days, and nothing else."""
    with transaction.atomic():
        profile = lock_profile(learner.pk)
        rows = PendingDays(profile, at)
        recorded = record_activity(rows, record_local_time(profile, occurred_at).date(), completed=True)
        write_days([rows])
        credit(profile, [], at=at)
    return recorded


def grant_and_apply(staff, at, starts_in, hours, is_applied):
    starts_at = at + timedelta(hours=starts_in)
    grant_amnesty(starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), reason="?", actor=staff, at=at)
    if is_applied:
        apply_amnesties(at=at)


def do(learner, staff, kind, how, at):
    if kind == "complete":
        complete(learner, at - timedelta(hours=how), at)
    elif kind == "check in":
        check_in(learner.pk, at=at)
    elif kind == "freeze":
        protect_today(learner.pk, at=at)
    elif kind == "move":
        change_time_zone(learner.pk, how, at=at)
    else:
        grant_and_apply(staff, at, *how)


def by_the_rows(learner):
    rows = list(ActivityDay.objects.filter(learner=learner))
    freezes = 3 + sum(FreezeEvent.objects.filter(learner=learner).values_list("delta", flat=True))
    calendar = Calendar({row.date: row.kind for row in rows}, SkippedDates(profile_of(learner)))
    streak = streak_of(calendar, freezes)
    last_completed = max((row.date for row in rows if row.completed), default=None)
    return freezes, streak, last_completed


def assert_profile_agrees_with_rows(learner):
    profile = profile_of(learner)
    freezes, streak, last_completed = by_the_rows(learner)
    assert profile.freezes_available == freezes
    assert 0 <= freezes <= 3
    assert profile.last_completed_day == last_completed
    assert {
        "run": profile.streak_run,
        "longest": profile.longest_streak,
        "last_day": profile.last_day,
        "has_later": profile.has_later_days,
        "last_active_day": profile.last_active_day,
        "active_days": profile.active_days,
        "alive_until": profile.alive_until,
    } == vars(streak)
    expires_at = end_of(streak.alive_until, profile.time_zone) if streak.alive_until else None
    assert profile.streak_expires_at == expires_at


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WAITS, ACTIONS), min_size=1, max_size=14))
def test_the_totals_on_the_profile_are_those_of_the_rows(actions):
    with transaction.atomic():
        learner, staff, at, longest = UserFactory(), StaffFactory(), noon(1), 0
        for wait, (kind, how) in actions:
            at += timedelta(hours=wait)
            try:
                with transaction.atomic():
                    do(learner, staff, kind, how, at)
            except (NoFreezesLeft, NoStreak, TimeZoneChangeTooSoon):
                pass
            assert_profile_agrees_with_rows(learner)
            profile = profile_of(learner)
            assert profile.longest_streak >= longest
            longest = profile.longest_streak
        transaction.set_rollback(True)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40 * 24), st.integers(0, 30 * 24)), min_size=1, max_size=12),
    st.lists(st.tuples(ZONES, st.integers(24, 200)), max_size=3),
)
def test_the_same_completions_in_any_order_make_the_same_active_days(events, moves):
    """Each completion happens at one hour and arrives hours later, maybe twice; the time zone changes in between."""
    with transaction.atomic():
        learner, expected, changes, at = UserFactory(), set(), [(noon(1), "UTC")], noon(1)
        for zone, gap in moves:
            at += timedelta(hours=gap)
            changes.append((at, zone))
        timeline = [(at, "move", zone) for at, zone in changes[1:]]
        for hour, delay in events:
            occurred_at = noon(1) + timedelta(hours=hour)
            zone = [zone for since, zone in changes if since <= occurred_at][-1]
            expected.add(occurred_at.astimezone(ZoneInfo(zone)).date())
            timeline += [(occurred_at + timedelta(hours=delay), "complete", occurred_at)] * (1 + delay % 2)
        for at, kind, what in sorted(timeline, key=lambda step: step[0]):
            if kind == "move":
                change_time_zone(learner.pk, what, at=at)
            else:
                complete(learner, what, at)
        active = ActivityDay.objects.filter(learner=learner, kind="active").values_list("date", flat=True)
        assert set(active) == expected
        transaction.set_rollback(True)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(WAITS, AGES), min_size=1, max_size=10))
def test_a_date_has_one_first_completion_whatever_arrives_when(steps):
    with transaction.atomic():
        learner, at, firsts = UserFactory(), noon(1), []
        for wait, age in steps:
            at += timedelta(hours=wait)
            occurred_at = at - timedelta(hours=age)
            if complete(learner, occurred_at, at).is_first_completion:
                firsts.append(occurred_at.date())
        assert len(firsts) == len(set(firsts))
        completed = ActivityDay.objects.filter(learner=learner, completed=True).values_list("date", flat=True)
        assert sorted(firsts) == sorted(completed)
        transaction.set_rollback(True)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 60), st.integers(-4, 4), ZONES), min_size=2, max_size=8))
def test_the_local_date_of_a_moment_never_changes(steps):
    """Completions are dated up to five minutes ahead, and the time zone changes as often as allowed."""
    with transaction.atomic():
        learner, at, dated = UserFactory(), noon(1), {}
        for hours, ahead, zone in steps:
            at += timedelta(hours=max(0, hours))
            moment = at + timedelta(minutes=ahead)
            complete(learner, moment, at)
            dated[moment] = local_date(profile_of(learner), moment)
            try:
                with transaction.atomic():
                    change_time_zone(learner.pk, zone, at=at + timedelta(minutes=1))
            except TimeZoneChangeTooSoon:
                pass
            profile = profile_of(learner)
            assert {moment: local_date(profile, moment) for moment in dated} == dated
        turns = list(TimeZoneChange.objects.filter(learner=learner).values_list("effective_from", flat=True))
        assert all(after - before >= timedelta(hours=23, minutes=50) for before, after in pairwise(sorted(turns)))
        transaction.set_rollback(True)


def test_days_and_freezes_alone_write_no_ledger_entry(learner):
    complete(learner, noon(1), noon(1))
    protect_today(learner.pk, at=noon(2))
    change_time_zone(learner.pk, "Asia/Jakarta", at=datetime(2026, 3, 2, tzinfo=UTC))
    assert LedgerEntry.objects.count() == 0
