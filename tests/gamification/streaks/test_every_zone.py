"""A sample of benchmarks/zones.py (P25), and the same nights through the services."""

from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import pytest

from benchmarks.zones import CALENDAR, TARGET, TIMES, judge
from gamification.awards.activity import check_in
from tests.factories import UserFactory

from .day_patterns import profile_of

# Zones that change their clocks around midnight, and zones with extreme offsets.
ZONES = [
    "Africa/Cairo",
    "America/Havana",
    "America/Nuuk",
    "America/Santiago",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "UTC",
]
IN_NUUK = {"America/Nuuk": ["2025-03-29 23:55", "2026-03-28 23:55"]}


def test_daily_activity_keeps_a_streak_in_every_zone():
    line = judge(ZONES)
    assert (line["figure"], line["exceptions"], line["pass"]) == (TARGET, IN_NUUK, True)
    assert line["days"] == len(ZONES) * len(TIMES) * len(CALENDAR)


@pytest.mark.django_db
@pytest.mark.parametrize("at", TIMES)
@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("Africa/Cairo", date(2026, 4, 24)),  # 00:00 is 01:00
        ("Africa/Cairo", date(2026, 10, 29)),  # 24:00 is 23:00 again
        ("America/Nuuk", date(2026, 3, 28)),  # 23:00 is midnight
        ("Atlantic/Azores", date(2026, 10, 25)),  # 01:00 is 00:00 again
    ],
)
def test_nights_in_which_clocks_change_lose_no_day(zone, night, at):
    learner = UserFactory(profile__time_zone=zone)
    for number in range(-3, 4):
        moment = datetime.combine(night + timedelta(days=number), at, ZoneInfo(zone))
        check_in(learner.pk, at=moment.astimezone(UTC))
    profile = profile_of(learner)
    frozen = 1 if zone == "America/Nuuk" and at == clock_time(23, 55) else 0
    assert (profile.streak_run, profile.freezes_available) == (7 - frozen, 3 - frozen)
