"""Which local date a moment has, and what a change of zone does and does not do."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.awards.activity import check_in
from gamification.models import LearnerProfile, TimeZoneChange
from gamification.streaks.changing_zones import change_time_zone
from gamification.streaks.local_dates import dates_within, end_of, local_date, local_time

from .day_patterns import day, noon, pattern_of, profile_of

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/me"
WESTMOST, EASTMOST = "Pacific/Niue", "Pacific/Kiritimati"


@pytest.fixture
def move(learner, sign_in, time_machine):
    """`move("Asia/Jakarta", at)` -> the answer to the PATCH."""

    def move(zone, at, **more):
        time_machine.move_to(at, tick=False)
        return sign_in(learner).patch(ME, {"time_zone": zone, **more})

    return move


def test_a_change_of_zone_is_stored_with_its_date(move, learner):
    answer = move("Asia/Jakarta", noon(1))
    assert (answer.status_code, answer.json()["time_zone"]) == (200, "Asia/Jakarta")
    rows = TimeZoneChange.objects.values_list("learner", "before", "time_zone", "effective_from")
    assert list(rows) == [(learner.pk, "UTC", "Asia/Jakarta", noon(1))]


def test_a_second_change_within_24_hours_is_refused_and_changes_nothing(move, learner):
    move("Asia/Jakarta", noon(1))
    refused = move("Asia/Tokyo", noon(2) - timedelta(microseconds=1), display_name="Traveller")
    assert (refused.status_code, refused.json()["code"]) == (409, "time_zone_change_too_soon")
    learner.refresh_from_db()
    assert (learner.display_name, profile_of(learner).time_zone) == ("", "Asia/Jakarta")
    assert move("Asia/Tokyo", noon(2)).status_code == 200
    assert TimeZoneChange.objects.count() == 2


def test_setting_the_current_zone_again_is_no_change(move):
    assert move("UTC", noon(1)).status_code == 200
    assert move("Asia/Jakarta", noon(1)).status_code == 200
    assert move("Asia/Jakarta", noon(1), display_name="Still here").status_code == 200
    assert TimeZoneChange.objects.count() == 1


def test_earlier_days_keep_their_dates(move, play, learner):
    play(1, at=datetime(2026, 3, 1, 23, tzinfo=UTC))
    move("Asia/Jakarta", noon(2))
    assert pattern_of(learner) == "A"
    # An event of that time that arrives late is dated as it would have been.
    play(1, at=noon(2), occurred_at="2026-03-01T23:30:00Z")
    assert pattern_of(learner) == "A"
    play(2, at=noon(2), occurred_at="2026-03-02T11:59:00Z")
    play(3, at=datetime(2026, 3, 2, 23, tzinfo=UTC))
    assert pattern_of(learner) == "AAA"


def test_each_period_has_its_own_zone(learner):
    profile = profile_of(learner)
    assert local_date(profile, datetime(2026, 3, 1, 20, tzinfo=UTC)) == day(1)
    change_time_zone(learner.pk, "Asia/Jakarta", at=noon(2))
    change_time_zone(learner.pk, "America/Lima", at=noon(4))
    profile = profile_of(learner)
    evenings = [local_date(profile, datetime(2026, 3, number, 20, tzinfo=UTC)) for number in [1, 3, 5]]
    nights = [local_date(profile, datetime(2026, 3, number, 2, tzinfo=UTC)) for number in [1, 3, 5]]
    assert (evenings, nights) == ([day(1), day(4), day(5)], [day(1), day(3), day(4)])


def test_a_first_zone_other_than_utc_is_remembered_too(learner):
    LearnerProfile.objects.update(time_zone="Asia/Tokyo")
    change_time_zone(learner.pk, "America/Lima", at=noon(2))
    assert local_date(profile_of(learner), datetime(2026, 3, 1, 20, tzinfo=UTC)) == day(2)


def test_only_moments_before_the_latest_change_query_the_database(learner, django_assert_num_queries):
    change_time_zone(learner.pk, "Asia/Jakarta", at=noon(2))
    profile = profile_of(learner)
    with django_assert_num_queries(0):
        local_date(profile, noon(2))
    with django_assert_num_queries(1):
        local_date(profile, noon(1))


def test_flying_west_over_the_date_line_keeps_the_streak(move, play, ask, learner):
    LearnerProfile.objects.update(time_zone=EASTMOST)
    play(2, at=noon(1))  # where it is the second already
    answer = move(WESTMOST, noon(1) + timedelta(minutes=1))
    assert answer.status_code == 200
    status = ask("GET", "status", 1, at=noon(1) + timedelta(minutes=2))[1]
    assert (status["today"], status["current_streak"], status["at_risk"]) == ("2026-03-01", 1, False)
    streaks = [play(number, at=noon(number) + timedelta(minutes=3))["streak"] for number in [1, 2, 3]]
    assert [(each["action"], each["current_streak"]) for each in streaks] == [
        ("increased", 2),
        ("maintained", 2),
        ("increased", 3),
    ]


def test_the_end_of_a_streak_follows_the_zone(move, play, learner):
    play(1)
    assert profile_of(learner).streak_expires_at == datetime(2026, 3, 6, tzinfo=UTC)
    move("Asia/Jakarta", noon(1))
    assert profile_of(learner).streak_expires_at == datetime(2026, 3, 5, 17, tzinfo=UTC)
    live = LearnerProfile.objects.with_live_streak
    assert live(datetime(2026, 3, 5, 16, 59, tzinfo=UTC)).count() == 1
    assert live(datetime(2026, 3, 5, 17, tzinfo=UTC)).count() == 0


def test_no_moment_ever_has_two_dates(move, play, learner):
    ahead = noon(1) + timedelta(minutes=4)
    LearnerProfile.objects.update(time_zone=WESTMOST)
    play(1, at=noon(1), occurred_at=ahead.isoformat())
    move(EASTMOST, noon(1) + timedelta(minutes=1))
    dates = {str(each) for each in learner.activity_days.values_list("date", flat=True)}
    play(1, at=noon(1) + timedelta(minutes=2), occurred_at=ahead.isoformat())
    assert {str(each) for each in learner.activity_days.values_list("date", flat=True)} == dates
    assert TimeZoneChange.objects.get().effective_from == ahead + timedelta(microseconds=1)
    profile = profile_of(learner)
    assert local_date(profile, ahead) == day(1)
    assert local_date(profile, ahead + timedelta(microseconds=1)) == day(2)


ZONES = st.sampled_from(["UTC", WESTMOST, EASTMOST, "Asia/Kolkata", "America/Nuuk", "Africa/Cairo", "Asia/Jakarta"])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.lists(ZONES, min_size=1, max_size=5), st.lists(st.integers(24, 2000), min_size=5, max_size=5), MOMENTS)
def test_the_zone_of_a_moment_is_that_of_the_latest_change_before_it(zones, hours, moment):
    profile, changes, at = LearnerProfile(time_zone=zones[0]), [], datetime(2026, 1, 1, tzinfo=UTC)
    expected = zones[0]
    for zone, gap in zip(zones[1:], hours, strict=False):
        at += timedelta(hours=gap)
        changes.append(TimeZoneChange(before=profile.time_zone, time_zone=zone, effective_from=at))
        profile.time_zone, profile.time_zone_since = zone, at
        expected = zone if at <= moment else expected
    profile.zone_changes = changes
    assert local_time(profile, moment).tzinfo.key == expected
    for change in changes:
        assert local_time(profile, change.effective_from).tzinfo.key == change.time_zone


@given(ZONES, MOMENTS, st.integers(1, 100))
def test_a_span_contains_the_local_date_of_each_of_its_moments(zone, starts_at, hours):
    profile, ends_at = LearnerProfile(time_zone=zone), starts_at + timedelta(hours=hours)
    dates = dates_within(profile, starts_at, ends_at)
    walked = {local_time(profile, starts_at + timedelta(minutes=15 * n)).date() for n in range(4 * hours)}
    last = local_time(profile, ends_at - timedelta(microseconds=1)).date()
    assert dates == walked | {last}


@given(ZONES, st.dates(date(2025, 1, 1), date(2026, 12, 31)))
def test_a_date_ends_where_the_next_begins(zone, day):
    end = end_of(day, zone).astimezone(UTC)
    profile = LearnerProfile(time_zone=zone)
    around = [local_time(profile, moment).date() for moment in [end - timedelta(microseconds=1), end]]
    assert around == [day, day + timedelta(days=1)]


def test_checking_in_uses_the_current_zone(learner):
    check_in(learner.pk, at=datetime(2026, 3, 1, 20, tzinfo=UTC))
    change_time_zone(learner.pk, "Asia/Jakarta", at=datetime(2026, 3, 1, 20, 30, tzinfo=UTC))
    check_in(learner.pk, at=datetime(2026, 3, 1, 20, 31, tzinfo=UTC))
    assert pattern_of(learner) == "AA"
