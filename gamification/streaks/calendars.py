"""A learner's days over some weeks, each with why it is what it is, for staff."""

from dataclasses import dataclass
from datetime import date, datetime

from gamification.models import ActivityDay, DayRepair, LearnerProfile

from .local_dates import local_date
from .runs import DAY, Calendar
from .skipped_dates import SkippedDates
from .status import DayStatus, strip_of


@dataclass(frozen=True)
class CalendarDay:
    """`completed`: a completion was recorded, not only a check-in or practice. `repair`: staff have pardoned it."""

    date: date
    status: DayStatus
    completed: bool = False
    repair: DayRepair | None = None


def calendar_of(profile: LearnerProfile, *, days: int, at: datetime) -> list[CalendarDay]:
    """The last `days` local dates, oldest first. Two statements, three where the time zone changed meanwhile."""
    today = local_date(profile, at)
    first = today - (days - 1) * DAY
    mine = {"learner_id": profile.pk, "date__gte": first}
    rows = {row.date: row for row in ActivityDay.objects.filter(**mine)}
    repairs = {repair.date: repair for repair in DayRepair.objects.filter(**mine).select_related("actor")}
    calendar = Calendar({day: row.kind for day, row in rows.items()}, SkippedDates(profile))
    return [
        CalendarDay(day.date, day.status, day.date in rows and rows[day.date].completed, repairs.get(day.date))
        for day in strip_of(profile, calendar, first, today)
    ]
