"""Which days, weeks and months are to be rolled up again."""

from collections.abc import Callable, Iterable
from datetime import date

from analytics.models import PeriodKind, StalePeriod
from analytics.periods import monday_of, month_of

STARTS: dict[PeriodKind, Callable[[date], date]] = {
    PeriodKind.DAY: lambda day: day,
    PeriodKind.WEEK: monday_of,
    PeriodKind.MONTH: month_of,
}


def mark(days: Iterable[date]) -> None:
    """With their weeks and months. One statement for a few thousand days."""
    days = set(days)
    starts = {(kind, start_of(day)) for kind, start_of in STARTS.items() for day in days}
    StalePeriod.objects.bulk_create(StalePeriod(kind=kind, start=start) for kind, start in sorted(starts))


def take_newest() -> tuple[PeriodKind, date] | None:
    """The newest stale period, which is no longer stale; None when there is none."""
    newest = StalePeriod.objects.order_by("-start", "kind").first()
    if newest is None:
        return None
    same = StalePeriod.objects.filter(kind=newest.kind, start=newest.start)
    StalePeriod.objects.filter(pk__in=list(same.values_list("pk", flat=True))).delete()
    return PeriodKind(newest.kind), newest.start
