"""Of those who joined in a week: how many were active so many weeks later."""

from datetime import date

from analytics.models import Analytics, CohortWeek
from analytics.periods import WEEK
from charts import Cell, Chart, Series, Table, line_chart

from .base import Figures, Filters, percent

LATER = 12  # weeks after joining that are shown


def retention(filters: Filters, analytics: Analytics) -> Figures:
    joined = {date.fromisoformat(monday): learners for monday, learners in analytics.joined.items()}
    cohorts = [monday for monday in filters.mondays if joined.get(monday)]
    rows = CohortWeek.objects.filter(joined__gte=filters.first, week__lte=filters.today)
    active = {(row.joined, row.week): row.learners for row in rows}
    last = filters.mondays[-1]
    table: list[list[Cell]] = []
    for monday in cohorts:
        weeks = [monday + number * WEEK for number in range(LATER + 1)]
        shares = [percent(active.get((monday, week), 0), joined[monday]) if week <= last else None for week in weeks]
        table.append([monday.isoformat(), joined[monday], *shares])
    header = ["Joined in the week of", "Learners", *(f"Week {number}, %" for number in range(LATER + 1))]
    return Figures([_all_cohorts(cohorts, joined, active, last)], Table(header, table))


def _all_cohorts(
    cohorts: list[date], joined: dict[date, int], active: dict[tuple[date, date], int], last: date
) -> Chart:
    """Each number of weeks counts the cohorts that are as old."""
    shares: list[int | float | None] = []
    for number in range(LATER + 1):
        old_enough = [monday for monday in cohorts if monday + number * WEEK <= last]
        learners = sum(joined[monday] for monday in old_enough)
        still = sum(active.get((monday, monday + number * WEEK), 0) for monday in old_enough)
        shares.append(percent(still, learners) if learners else None)
    labels = [str(number) for number in range(LATER + 1)]
    series = [Series("Active learners", shares)]
    return line_chart(labels, series, title="Active so many weeks after joining", unit="%", axis="Weeks")
