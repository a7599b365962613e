"""Who is active, who comes back, how long streaks last."""

from datetime import date

from django.utils.formats import date_format

from analytics.models import ActivePeriod, Analytics, FreezeDay, PeriodKind
from analytics.periods import months_from
from charts import Series, bar_chart, line_chart, row_chart

from .base import Figures, Filters, by_week, percent, series_of, short

STREAKS = (1, 2, 3, 5, 7, 14, 30, 60, 100, 200, 365)  # days
FREEZES = {"granted": "Granted", "used": "Used", "returned": "Returned"}


def active_daily(filters: Filters, _: Analytics) -> Figures:
    learners = _active(PeriodKind.DAY, filters.days)
    labels = [short(day) for day in filters.days]
    return Figures([line_chart(labels, learners, title="Active learners by day", axis="Date")])


def active_weekly(filters: Filters, _: Analytics) -> Figures:
    learners = _active(PeriodKind.WEEK, filters.mondays)
    labels = [short(day) for day in filters.mondays]
    return Figures([bar_chart(labels, learners, title="Active learners by week", axis="Week of")])


def active_monthly(filters: Filters, _: Analytics) -> Figures:
    months = months_from(filters.first, filters.today)
    labels = [date_format(month, "M y") for month in months]
    learners = _active(PeriodKind.MONTH, months)
    return Figures([bar_chart(labels, learners, title="Active learners by month", axis="Month")])


def _active(kind: PeriodKind, starts: list[date]) -> list[Series]:
    rows = ActivePeriod.objects.filter(kind=kind, start__range=(starts[0], starts[-1]))
    learners = dict(rows.values_list("start", "learners"))
    return [Series("Learners", [learners.get(start, 0) for start in starts])]


def streak_survival(_: Filters, analytics: Analytics) -> Figures:
    longest = {int(days): learners for days, learners in analytics.longest_streaks.items()}
    reached = [sum(learners for days, learners in longest.items() if days >= least) for least in STREAKS]
    labels = [f"{days} day" if days == 1 else f"{days} days" for days in STREAKS]
    shares = [percent(learners, reached[0]) for learners in reached]
    series = [Series("Share of learners", shares)] if reached[0] else []
    chart = row_chart(
        labels if series else [], series, title="Learners whose longest streak lasted at least", unit="%", axis="Days"
    )
    return Figures([chart])


def freezes(filters: Filters, _: Analytics) -> Figures:
    rows = FreezeDay.objects.filter(date__range=(filters.first, filters.today))
    sums = by_week(rows.values_list("date", "kind", "freezes"), filters)
    labels = [short(day) for day in filters.mondays]
    series = series_of(FREEZES, sums)
    return Figures([bar_chart(labels, series, title="Streak freezes by week", axis="Week of")])
