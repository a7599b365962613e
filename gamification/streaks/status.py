"""Where a learner's streak stands today: its numbers, and the strip of the last 30 days."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gamification.models import ActivityDay, DayKind, LearnerProfile

from .local_dates import local_date
from .runs import DAY, Calendar, Days
from .skipped_dates import SkippedDates

STRIP = 30  # days with today


class DayStatus(StrEnum):
    ACTIVE = "active"
    FROZEN = "frozen"
    PARDONED = "pardoned"
    SKIPPED = "skipped"
    MISSED = "missed"
    NONE = "none"


DAY_STATUSES = [status.value for status in DayStatus]


@dataclass(frozen=True)
class DayOfStrip:
    date: date
    status: DayStatus


@dataclass(frozen=True)
class StreakStatus:
    """As of `today`, the learner's local date. `at_risk`: the streak is alive, but not yet safe for today.

    `days` are the last 30, oldest first. One without a row was `missed`, or `skipped` where the learner's clock skipped
    it (a change of time zone over the date line); it is `none` before the learner's first day, and while it is today.
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
    """One statement more than reading the profile, two where the time zone changed within the last 30 days."""
    today = local_date(profile, at)
    first = today - (STRIP - 1) * DAY
    rows = ActivityDay.objects.filter(learner_id=profile.pk, date__gte=first).values_list("date", "kind")
    calendar = Calendar(dict(rows), SkippedDates(profile))
    current = profile.current_streak(today)
    is_behind = profile.last_day is not None and profile.last_day < today
    return StreakStatus(
        current_streak=current,
        longest_streak=profile.longest_streak,
        last_activity_date=profile.last_active_day,
        freezes_available=profile.freezes_available,
        total_active_days=profile.active_days,
        at_risk=current > 0 and is_behind and calendar.is_missed(today),
        today=today,
        days=strip_of(profile, calendar, first, today),
    )


def strip_of(profile: LearnerProfile, calendar: Calendar, first: date, today: date) -> list[DayOfStrip]:
    """`calendar` has all days of the profile from `first` to `today`."""
    first_day = _first_day(profile, calendar.days, first)
    dates = (first + n * DAY for n in range((today - first).days + 1))
    return [DayOfStrip(day, _status(calendar, day, today, first_day)) for day in dates]


def _status(calendar: Calendar, day: date, today: date, first_day: date | None) -> DayStatus:
    if day in calendar.days:
        return DayStatus(calendar.days[day])
    if first_day is None or day < first_day:
        return DayStatus.NONE
    return status_without_row(calendar, day, today)


def status_without_row(calendar: Calendar, day: date, today: date) -> DayStatus:
    """Of a date after the learner's first day."""
    if day in calendar.skipped:
        return DayStatus.SKIPPED
    return DayStatus.MISSED if day < today else DayStatus.NONE


def _first_day(profile: LearnerProfile, days: Days, first: date) -> date | None:
    """The learner's first active day, or the date before the strip where it lies further back."""
    active = [day for day, kind in days.items() if kind == DayKind.ACTIVE]
    if len(active) < profile.active_days:
        return first - DAY
    return min(active, default=None)
