"""Where a learner's streak stands today: its numbers, and the strip of the last 30 days."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gamification.models import ActivityDay, LearnerProfile

from .local_dates import local_date
from .runs import DAY, Days, Kind

STRIP = 30  # days with today


class DayStatus(StrEnum):
    ACTIVE = "active"
    FROZEN = "frozen"
    PARDONED = "pardoned"
    MISSED = "missed"
    NONE = "none"


DAY_STATUSES = [status.value for status in DayStatus]


@dataclass(frozen=True)
class DayOfStrip:
    date: date
    status: DayStatus


@dataclass(frozen=True)
class StreakStatus:
    """As of `today`, the learner's local date. `at_risk`: a living streak, and nothing stands for today yet.

    `days` are the last 30, oldest first. One without a row was `missed`; it is `none` before the learner's first day,
    and while it is today.
    """

    current_streak: int
    longest_streak: int
    last_activity_date: date | None
    freezes_available: int
    total_active_days: int
    at_risk: bool
    today: date
    days: list[DayOfStrip]


def streak_status(profile: LearnerProfile, *, at: datetime) -> StreakStatus:
    """One statement more than reading the profile."""
    today = local_date(profile, at)
    first = today - (STRIP - 1) * DAY
    rows = ActivityDay.objects.filter(learner_id=profile.pk, date__gte=first).values_list("date", "kind")
    days = dict(rows)
    current = profile.current_streak(today)
    return StreakStatus(
        current_streak=current,
        longest_streak=profile.longest_streak,
        last_activity_date=profile.last_active_day,
        freezes_available=profile.freezes_available,
        total_active_days=profile.active_days,
        at_risk=current > 0 and profile.last_day < today and today not in days,
        today=today,
        days=_strip(first, today, days, _first_day(profile, days, first)),
    )


def _strip(first: date, today: date, days: Days, first_day: date | None) -> list[DayOfStrip]:
    dates = (first + n * DAY for n in range(STRIP))
    return [DayOfStrip(day, _status(day, today, days, first_day)) for day in dates]


def _status(day: date, today: date, days: Days, first_day: date | None) -> DayStatus:
    if day in days:
        return DayStatus(days[day])
    is_missed = first_day is not None and first_day < day < today
    return DayStatus.MISSED if is_missed else DayStatus.NONE


def _first_day(profile: LearnerProfile, days: Days, first: date) -> date | None:
    """The learner's first active day, or the date before the strip where it lies further back."""
    active = [day for day, kind in days.items() if kind == Kind.ACTIVE]
    if len(active) < profile.active_days:
        return first - DAY
    return min(active, default=None)
