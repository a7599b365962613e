"""Streaks as a pure function of a learner's dates: which run of days a learner is in, and until when it is alive.

A date may have a row: `active`, `frozen` (a freeze was used for it) or `pardoned` (excused by an amnesty). A date
without a row is missed, unless the learner's clock skipped it. Missed dates end a run; only active dates count.

Dates are local: whoever records a day decides which date it was.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from gamification.models import DayKind

DAY = timedelta(days=1)


class Action(StrEnum):
    STARTED = "started"
    MAINTAINED = "maintained"
    INCREASED = "increased"
    BROKEN = "broken"
    FROZEN = "frozen"


# The kind of each date that has a row.
Days = Mapping[date, str]


@dataclass(frozen=True)
class Calendar:
    """A learner's dates: `days` has those with a row, as far as they matter; `skipped` those their clock skipped."""

    days: Days
    skipped: Container[date]

    def is_missed(self, day: date) -> bool:
        return day not in self.days and day not in self.skipped

    def missed_between(self, last_day: date, day: date) -> list[date]:
        """The missed dates strictly between the two."""
        return list(self._missed_between(last_day, day))

    def stretches(self) -> Iterator[list[date]]:
        """The dates that have a row, in order, cut wherever a date was missed."""
        stretch: list[date] = []
        for day in sorted(self.days):
            if stretch and any(True for _ in self._missed_between(stretch[-1], day)):
                yield stretch
                stretch = []
            stretch.append(day)
        if stretch:
            yield stretch

    def active_in(self, stretch: list[date]) -> list[date]:
        return [day for day in stretch if self.days[day] == DayKind.ACTIVE]

    def _missed_between(self, last_day: date, day: date) -> Iterator[date]:
        between = (last_day + n * DAY for n in range(1, (day - last_day).days))
        return filter(self.is_missed, between)


@dataclass(frozen=True)
class Streak:
    """`run` counts the active days of the latest run, which ends on `last_day`; `longest` is the best run ever.

    `has_later`: there are frozen or pardoned days after a gap behind `last_day`. `alive_until` is the last date on
    which activity still joins the run, given the freezes in hand.
    """

    run: int = 0
    longest: int = 0
    last_day: date | None = None
    has_later: bool = False
    last_active_day: date | None = None
    active_days: int = 0
    alive_until: date | None = None


def streak_of(calendar: Calendar, freezes: int) -> Streak:
    """From all day rows, and the number of freezes in hand.

    A stretch without an active day is no run of its own: it only shortens the gap.
    """
    run = longest = active_days = 0
    last_day = last_active_day = None
    for stretch in calendar.stretches():
        active = calendar.active_in(stretch)
        if active:
            run, last_day, last_active_day = len(active), stretch[-1], active[-1]
            longest, active_days = max(longest, run), active_days + run
    return Streak(
        run=run,
        longest=longest,
        last_day=last_day,
        has_later=bool(calendar.days) and max(calendar.days) != last_day,
        last_active_day=last_active_day,
        active_days=active_days,
        alive_until=alive_until(calendar, last_day, freezes) if last_day else None,
    )


def alive_until(calendar: Calendar, last_day: date, freezes: int) -> date:
    """The last date on which activity joins the run that ends on `last_day`: each missed date before takes a freeze."""
    day, left = last_day + DAY, freezes
    while left or not calendar.is_missed(day):
        left -= calendar.is_missed(day)
        day += DAY
    return day


def run_ending_on(calendar: Calendar, day: date) -> int:
    """The active days of the run that ends on `day`, as far as the days are known."""
    count = 0
    while not calendar.is_missed(day):
        count += calendar.days.get(day) == DayKind.ACTIVE
        day -= DAY
    return count
