"""The figures of these days, for the home page of staff."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import Sum

from analytics.models import ActivePeriod, PeriodKind, XPDay
from analytics.periods import DAY, days_from

DAYS = 14


@dataclass(frozen=True)
class Today:
    """The last 14 UTC dates, of which today is the last, as far as they were rolled up (within an hour)."""

    days: list[date]
    active: list[int]
    xp: list[int]


def today(at: datetime) -> Today:
    """Two statements."""
    day = at.astimezone(UTC).date()
    days = days_from(day - (DAYS - 1) * DAY, day)
    between = days[0], day
    active = dict(
        ActivePeriod.objects.filter(kind=PeriodKind.DAY, start__range=between).values_list("start", "learners")
    )
    xp = dict(XPDay.objects.filter(date__range=between).values_list("date").annotate(Sum("xp")))
    return Today(days, [active.get(each, 0) for each in days], [xp.get(each, 0) for each in days])
