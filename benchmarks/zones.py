"""P25: a learner of every time zone is active daily in 2025 and 2026, at 00:05 or at 23:55 local time.

    python -m benchmarks.zones [--small]

Dates come from the product (`gamification.streaks.local_dates`), the local times to compare with from the C
library, whose code is independent of Python's. Prints one line of JSON; exits with 1 unless every figure is on target.
`--small` takes every twentieth zone.

The documented exceptions are the nights whose last hour is skipped, such as 28 March 2026 in Nuuk, where 23:00 is
already midnight: nobody can be active at 23:55 then, and a freeze has to be used for the date.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo, available_timezones

import django

DAY = timedelta(days=1)
CALENDAR = [date(2025, 1, 1) + n * DAY for n in range(730)]
TIMES = (clock_time(0, 5), clock_time(23, 55))
MOMENT = timedelta(microseconds=1)
TARGET = {"dates_unlike_the_calendar": 0, "broken_streaks": 0, "days_that_end_at_another_moment": 0}


@contextmanager
def wall_clock(zone) -> Iterator[None]:
    """Let the C library show the time of this zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()


def on_the_wall(moment) -> tuple[date, clock_time]:
    shown = time.localtime(moment.timestamp())
    return date(*shown[:3]), clock_time(shown.tm_hour, shown.tm_min)


def judge_zone(zone) -> tuple[dict[str, int], list[str]]:
    """(figures, the dates that need a freeze because the time did not exist)."""
    from gamification.models import LearnerProfile

    profile, figures, exceptions = LearnerProfile(time_zone=zone), dict.fromkeys(TARGET, 0), []
    with wall_clock(zone):
        for at in TIMES:
            moments = {day: datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC) for day in CALENDAR}
            shown = {day: on_the_wall(moment) for day, moment in moments.items()}
            dated = {day: _dated(profile, moment) for day, moment in moments.items()}
            frozen = [day for day in CALENDAR if shown[day] != (day, at) and day not in dated.values()]
            figures["dates_unlike_the_calendar"] += sum(dated[day] != shown[day][0] for day in CALENDAR)
            figures["broken_streaks"] += not _is_whole(set(dated.values()), frozen)
            exceptions += [f"{day} {at:%H:%M}" for day in frozen]
    figures["days_that_end_at_another_moment"] = sum(not _ends_well(profile, day) for day in CALENDAR)
    return figures, exceptions


def _dated(profile, moment) -> date:
    from gamification.streaks.local_dates import local_time

    return local_time(profile, moment).date()


def _is_whole(active, frozen) -> bool:
    """One run of the whole calendar."""
    from gamification.streaks.runs import Calendar, streak_of

    days = dict.fromkeys(frozen, "frozen") | dict.fromkeys(active, "active")
    return streak_of(Calendar(days, skipped=()), freezes=0).run == len(CALENDAR) - len(frozen)


def _ends_well(profile, day) -> bool:
    from gamification.streaks.local_dates import end_of

    end = end_of(day, profile.time_zone).astimezone(UTC)
    return (_dated(profile, end - MOMENT), _dated(profile, end)) == (day, day + DAY)


def judge(zones) -> dict:
    figure, exceptions = dict.fromkeys(TARGET, 0), {}
    for zone in zones:
        figures, frozen = judge_zone(zone)
        figure = {name: figure[name] + figures[name] for name in TARGET}
        if frozen:
            exceptions[zone] = frozen
    return {
        "name": "P25 every zone, two years, five minutes from midnight",
        "seed": None,
        "zones": len(zones),
        "days": len(zones) * len(TIMES) * len(CALENDAR),
        "figure": figure,
        "target": TARGET,
        "pass": figure == TARGET and len(zones) > 0,
        "exceptions": exceptions,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.zones", description=__doc__.split("\n")[0])
    parser.add_argument("--small", action="store_true", help="every twentieth zone")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skillquest.settings")
    os.environ.setdefault("SECRET_KEY", "nothing is signed here")
    django.setup()
    line = judge(sorted(available_timezones())[:: 20 if options.small else 1])
    print(json.dumps(line))
    return 0 if line["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
