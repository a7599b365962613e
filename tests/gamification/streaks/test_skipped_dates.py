"""A local date that a learner's clock skipped is not a missed day, wherever days are looked at."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from gamification.awards.activity import check_in
from gamification.explanations.streak_days import explain_day
from gamification.models import Achievement, LearnerProfile, Unlock
from gamification.staff.backfill import backfill
from gamification.streaks.changing_zones import change_time_zone
from gamification.streaks.local_dates import FIRST_MOMENT, LAST_MOMENT, ZonePeriod, dates_within
from gamification.streaks.skipped_dates import SkippedDates, is_skipped
from gamification.streaks.status import streak_status
from tests.factories import UserFactory
from tracking.maintenance.rebuilding import rebuild_profiles

from .day_patterns import day, freezes_of, pattern_of, profile_of

pytestmark = pytest.mark.django_db

PAGO_PAGO, HONOLULU, AUCKLAND, KIRITIMATI = (
    f"Pacific/{city}" for city in ("Pago_Pago", "Honolulu", "Auckland", "Kiritimati")
)
# 23:30 on 28 February in Pago Pago.
DEPARTURE = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
ARRIVAL = DEPARTURE + timedelta(hours=6)  # 06:30 on 2 March in Kiritimati
FEBRUARY_28 = day(1) - timedelta(days=1)


@pytest.fixture
def fly():
    """A learner who checks in at the first time, changes the zone at the second, and has no freezes to lose."""

    def fly(home, destination, departure, arrival, *, freezes=0):
        learner = UserFactory(profile__time_zone=home)
        LearnerProfile.objects.filter(pk=learner.pk).update(freezes_available=freezes, first_freezes=freezes)
        check_in(learner.pk, at=departure)
        change_time_zone(learner.pk, destination, at=arrival)
        return learner

    return fly


def differences(at):
    return list(rebuild_profiles(write=False, at=at))


def test_flying_east_over_the_date_line_costs_neither_streak_nor_freeze(fly):
    learner = fly(PAGO_PAGO, KIRITIMATI, DEPARTURE, ARRIVAL, freezes=3)
    checked = check_in(learner.pk, at=ARRIVAL)
    assert (checked.action, checked.profile.streak_run, checked.profile.freezes_available) == ("increased", 2, 3)
    assert freezes_of(learner) == ""
    assert set(learner.activity_days.values_list("date", "kind")) == {(FEBRUARY_28, "active"), (day(2), "active")}
    assert differences(ARRIVAL) == []


def test_the_streak_is_alive_before_and_after_the_first_activity_at_the_destination(fly):
    learner = fly(PAGO_PAGO, KIRITIMATI, DEPARTURE, ARRIVAL)
    status = streak_status(profile_of(learner), at=ARRIVAL)
    assert (status.current_streak, status.at_risk, status.today) == (1, True, day(2))
    assert [each.status for each in status.days[-3:]] == ["active", "skipped", "none"]
    end_of_second_march = datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert profile_of(learner).streak_expires_at == end_of_second_march
    check_in(learner.pk, at=ARRIVAL)
    status = streak_status(profile_of(learner), at=ARRIVAL)
    assert [each.status for each in status.days[-3:]] == ["active", "skipped", "active"]


def test_the_explanation_names_the_skipped_date_and_the_run_continues(fly):
    learner = fly(PAGO_PAGO, KIRITIMATI, DEPARTURE, ARRIVAL)
    check_in(learner.pk, at=ARRIVAL)
    explanation = explain_day(profile_of(learner), day(1), at=ARRIVAL)
    assert explanation.status == "skipped"
    assert explanation.why == (
        "Your clock skipped 1 March 2026, or most of it, because the time zone changed; such a date neither breaks a "
        "streak nor adds to it."
    )
    run = explain_day(profile_of(learner), day(2), at=ARRIVAL).run
    assert (run.active, run.began_on, run.ended_on) == (2, FEBRUARY_28, day(2))


def test_a_day_missed_before_the_skipped_one_takes_one_freeze_only(fly):
    learner = fly(PAGO_PAGO, KIRITIMATI, DEPARTURE - timedelta(days=1), ARRIVAL, freezes=2)
    checked = check_in(learner.pk, at=ARRIVAL)
    assert (checked.action, checked.profile.freezes_available) == ("frozen", 1)
    assert learner.activity_days.get(kind="frozen").date == FEBRUARY_28
    assert differences(ARRIVAL) == []


def test_the_dashboard_shows_a_skipped_date(fly, client, time_machine):
    learner = fly(PAGO_PAGO, KIRITIMATI, DEPARTURE, ARRIVAL)
    time_machine.move_to(ARRIVAL, tick=False)
    client.force_login(learner)
    page = client.get("/dashboard")
    assert page.context["streak"].summary == "The last 30 days: 1 active, 1 skipped."
    assert "Skipped by a change of time zone" in page.content.decode()


def test_an_achievement_is_backfilled_for_a_run_across_a_skipped_date(fly):
    learner = fly(PAGO_PAGO, KIRITIMATI, DEPARTURE, ARRIVAL)
    check_in(learner.pk, at=ARRIVAL)
    achievement = Achievement.objects.create(
        achievement_id="two", name="Two days", category="streaks", condition={"type": "consecutive_days", "days": 2}
    )
    list(backfill(achievement, quiet=False))
    assert Unlock.objects.get().earned_at == ARRIVAL


def test_an_amnesty_joins_a_run_across_a_skipped_date(fly, grant):
    learner = fly(PAGO_PAGO, KIRITIMATI, DEPARTURE, ARRIVAL)
    grant(2, 2, hours=(9, 14))  # 2 and 3 March in Kiritimati
    assert pattern_of(learner) == ".PP"
    assert (profile_of(learner).last_day, profile_of(learner).streak_run) == (day(3), 1)
    assert differences(ARRIVAL) == []


def test_activity_on_the_first_hours_of_a_skipped_date_counts_when_it_arrives_late(fly, sign_in, arena, time_machine):
    learner = fly(PAGO_PAGO, KIRITIMATI, DEPARTURE, ARRIVAL)
    check_in(learner.pk, at=ARRIVAL)
    time_machine.move_to(ARRIVAL, tick=False)
    body = {"level_id": "arena", "score": 1, "occurred_at": (DEPARTURE + timedelta(hours=1)).isoformat()}
    answer = sign_in(learner).post("/api/v1/levels/complete", body)
    assert answer.json()["streak"]["current_streak"] == 3
    assert pattern_of(learner) == "AA"
    assert differences(ARRIVAL) == []


def test_returning_west_does_not_make_the_date_count_again(fly):
    learner = fly(PAGO_PAGO, KIRITIMATI, DEPARTURE, ARRIVAL)
    check_in(learner.pk, at=ARRIVAL)
    back = ARRIVAL + timedelta(hours=25)
    change_time_zone(learner.pk, PAGO_PAGO, at=back)
    assert (profile_of(learner).streak_run, profile_of(learner).longest_streak) == (2, 2)
    checked = check_in(learner.pk, at=back)  # on 2 March once more
    assert (checked.action, checked.profile.streak_run) == ("maintained", 2)
    assert differences(back) == []


def test_samoa_had_no_30_december_2011():
    learner = UserFactory(profile__time_zone="Pacific/Apia")
    LearnerProfile.objects.update(freezes_available=0, first_freezes=0)
    check_in(learner.pk, at=datetime(2011, 12, 29, 20, tzinfo=UTC))  # 29 December, 10:00
    profile = profile_of(learner)
    assert profile.alive_until == date(2011, 12, 31)
    at = datetime(2011, 12, 30, 20, tzinfo=UTC)  # 31 December, 10:00
    checked = check_in(learner.pk, at=at)
    assert (checked.action, checked.profile.streak_run) == ("increased", 2)
    assert [each.status for each in streak_status(checked.profile, at=at).days[-3:]] == ["active", "skipped", "active"]
    assert differences(at) == []


def test_a_span_touches_no_date_that_samoa_skipped():
    samoan = LearnerProfile(time_zone="Pacific/Apia")
    starts_at, ends_at = (datetime(2011, 12, 30, hour, tzinfo=UTC) for hour in (9, 11))
    assert dates_within(samoan, starts_at, ends_at) == {date(2011, 12, 29), date(2011, 12, 31)}


def period(zone, begins_at=FIRST_MOMENT, ends_at=LAST_MOMENT):
    return ZonePeriod(zone, begins_at, ends_at)


@pytest.mark.parametrize(
    ("before", "after", "change", "skipped"),
    [
        (PAGO_PAGO, KIRITIMATI, datetime(2026, 3, 1, 10, 59, tzinfo=UTC), {1}),  # 23:59 -> 00:59, two dates later
        (PAGO_PAGO, KIRITIMATI, datetime(2026, 3, 1, 16, 30, tzinfo=UTC), {1}),  # 05:30 -> 06:30 on the next date
        (
            PAGO_PAGO,
            KIRITIMATI,
            datetime(2026, 3, 1, 22, 59, tzinfo=UTC),
            {1, 2},
        ),  # 11:59 -> 12:59: more than half of both
        (
            PAGO_PAGO,
            KIRITIMATI,
            datetime(2026, 3, 1, 23, 0, tzinfo=UTC),
            {2},
        ),  # 12:00 -> 13:00: the later date is short
        (HONOLULU, AUCKLAND, datetime(2026, 3, 1, 15, 30, tzinfo=UTC), {1}),  # 05:30 -> 04:30 on the next date
        (HONOLULU, AUCKLAND, datetime(2026, 3, 2, 8, 30, tzinfo=UTC), {2}),  # 22:30 -> 21:30 on the next date
        ("America/Los_Angeles", "Asia/Tokyo", datetime(2026, 3, 1, 18, 30, tzinfo=UTC), {1}),  # 10:30 -> 03:30
        ("Europe/London", "Asia/Tokyo", datetime(2026, 3, 1, 20, tzinfo=UTC), set()),  # 20:00 -> 05:00
        ("Europe/London", "Europe/Paris", datetime(2026, 3, 1, 23, 30, tzinfo=UTC), set()),
        (KIRITIMATI, PAGO_PAGO, datetime(2026, 3, 1, 12, tzinfo=UTC), set()),  # west: dates come twice
    ],
)
def test_a_date_is_skipped_if_the_clock_showed_less_than_half_of_it(before, after, change, skipped):
    periods = [period(before, ends_at=change), period(after, begins_at=change)]
    assert {number for number in range(-2, 6) if is_skipped(day(number), periods)} == skipped


ZONES = st.sampled_from([PAGO_PAGO, HONOLULU, AUCKLAND, KIRITIMATI, "UTC", "Asia/Tokyo", "America/Nuuk"])


@given(st.lists(ZONES, min_size=2, max_size=6), st.lists(st.integers(24 * 60, 60 * 60), min_size=5, max_size=5))
def test_a_later_change_of_zone_makes_no_skipped_date_count_again(zones, minutes):
    changes = [datetime(2026, 3, 1, tzinfo=UTC)]
    for gap in minutes[: len(zones) - 2]:
        changes.append(changes[-1] + timedelta(minutes=gap))
    skipped = set()
    for count in range(2, len(zones) + 1):
        borders = pairwise([FIRST_MOMENT, *changes[: count - 1], LAST_MOMENT])
        periods = [ZonePeriod(zone, *border) for zone, border in zip(zones[:count], borders, strict=True)]
        now = {number for number in range(-3, 20) if is_skipped(day(number), periods)}
        assert now >= skipped
        skipped = now


def test_activity_on_consecutive_days_runs_no_query_for_zones(learner):
    change_time_zone(learner.pk, KIRITIMATI, at=ARRIVAL)
    check_in(learner.pk, at=ARRIVAL)
    costs = []
    for hours in [1, 24, 25, 49]:
        with CaptureQueriesContext(connection) as captured:
            check_in(learner.pk, at=ARRIVAL + timedelta(hours=hours))
        costs.append([query for query in captured if "timezonechange" in query["sql"]])
    assert costs == [[], [], [], []]


def test_a_text_is_never_a_skipped_date(learner):
    assert "2026-03-01" not in SkippedDates(profile_of(learner))
