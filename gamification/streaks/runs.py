"""Streaks as a pure function of activity days: which run of days a learner is in, and what a new day does to it.

A day is `active`, `frozen` (a freeze stands for it) or `pardoned` (our outage). Days of any kind join a run; only
active ones count. Dates are local: whoever records a day decides which date it was.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DAY = timedelta(days=1)


class Kind(StrEnum):
    ACTIVE = "active"
    FROZEN = "frozen"
    PARDONED = "pardoned"


class Action(StrEnum):
    STARTED = "started"
    MAINTAINED = "maintained"
    INCREASED = "increased"
    BROKEN = "broken"
    FROZEN = "frozen"


# The kind of each date that has a row.
Days = Mapping[date, str]


@dataclass(frozen=True)
class Streak:
    """`run` counts the active days of the latest run, which ends on `last_day`; `longest` is the best run ever.

    `has_later` tells of frozen or pardoned days after a gap behind `last_day`. `alive_until` is the last date on which
    activity still joins the run, given the freezes in hand.
    """

    run: int = 0
    longest: int = 0
    last_day: date | None = None
    has_later: bool = False
    last_active_day: date | None = None
    active_days: int = 0
    alive_until: date | None = None


def streak_of(days: Days, freezes: int) -> Streak:
    """From all day rows, and the number of freezes in hand.

    A stretch without an active day is no run of its own: it only shortens the gap.
    """
    run = longest = active_days = 0
    last_day = last_active_day = None
    for stretch in stretches(days):
        active = [day for day in stretch if days[day] == Kind.ACTIVE]
        if active:
            run, last_day, last_active_day = len(active), stretch[-1], active[-1]
            longest, active_days = max(longest, run), active_days + run
    return Streak(
        run=run,
        longest=longest,
        last_day=last_day,
        has_later=bool(days) and max(days) != last_day,
        last_active_day=last_active_day,
        active_days=active_days,
        alive_until=alive_until(days, last_day, freezes),
    )


def alive_until(days: Days, last_day: date | None, freezes: int) -> date | None:
    """Freezes stand for missed days, frozen and pardoned ones for themselves; the day after them can still join."""
    if last_day is None:
        return None
    day, left = last_day + DAY, freezes
    while left or day in days:
        left -= day not in days
        day += DAY
    return day


def run_ending_on(days: Days, day: date) -> int:
    """The active days of the run that ends on `day`, as far as `days` are known."""
    count = 0
    while day in days:
        count += days[day] == Kind.ACTIVE
        day -= DAY
    return count


def missed_between(days: Days, last_day: date, day: date) -> list[date]:
    """The dates strictly between the two that nothing stands for."""
    between = (last_day + n * DAY for n in range(1, (day - last_day).days))
    return [missed for missed in between if missed not in days]


def stretches(days: Days) -> Iterator[list[date]]:
    """The dates in order, cut wherever one is missing."""
    stretch: list[date] = []
    for day in sorted(days):
        if stretch and day - stretch[-1] > DAY:
            yield stretch
            stretch = []
        stretch.append(day)
    if stretch:
        yield stretch
