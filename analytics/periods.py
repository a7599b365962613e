"""Days, weeks and months (pure). Weeks begin on Monday."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

RANGES = (4, 12, 52)  # weeks that the pages offer; the last one is the week of today
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    return day.replace(day=1)


def month_after(first: date) -> date:
    return month_of(first + timedelta(days=31))


def first_monday(weeks: int, today: date) -> date:
    """Of the last so many weeks, of which that of `today` is one."""
    return monday_of(today) - (weeks - 1) * WEEK


def begin(day: date) -> datetime:
    """In UTC."""
    return datetime.combine(day, time.min, UTC)


def days_from(first: date, last: date) -> list[date]:
    return [first + number * DAY for number in range((last - first).days + 1)]


def weeks_from(first: date, last: date) -> list[date]:
    """Their Mondays."""
    return days_from(monday_of(first), last)[::7]


def months_from(first: date, last: date) -> list[date]:
    return sorted({month_of(day) for day in days_from(first, last)})


def around(days: Iterable[date]) -> set[date]:
    """With the days before and after: a moment belongs to one of them, wherever the learner is."""
    return {day + number * DAY for day in days for number in (-1, 0, 1)}
