"""Which achievements learners hold."""

from analytics.models import Analytics
from charts import Cell, Series, Table, row_chart
from gamification.models import Achievement

from .base import Figures, Filters, percent

SHOWN = 15


def unlock_rates(_: Filters, analytics: Analytics) -> Figures:
    """The rarest last, as far as the chart has room."""
    achievements = Achievement.objects.filter(published=True).values_list("pk", "name", "achievement_id")
    rows = [(name, slug, analytics.holders.get(str(key), 0)) for key, name, slug in achievements]
    rows.sort(key=lambda row: (-row[2], row[1]))
    lines: list[list[Cell]] = [
        [name, slug, holders, percent(holders, analytics.players)] for name, slug, holders in rows
    ]
    shown = rows[:SHOWN] if analytics.players else []
    series = [Series("Share of learners", [percent(holders, analytics.players) for *_, holders in shown])]
    chart = row_chart(
        [name for name, *_ in shown], series, title="Learners who hold an achievement", unit="%", axis="Achievement"
    )
    note = f"The first {SHOWN} of {len(rows)} achievements; the CSV has all." if len(rows) > SHOWN else ""
    return Figures([chart], Table(["Achievement", "Achievement ID", "Learners", "Share, %"], lines), note=note)
