"""Where XP comes from, how far it can be trusted, and how players are spread over their levels."""

from datetime import date

from django.db.models import QuerySet

from analytics.models import Analytics, XPDay
from charts import Cell, Series, Table, bar_chart
from gamification.models import LedgerEntry, Trust

from .base import Figures, Filters, by_week, series_of, short

Reason = LedgerEntry.Reason
# What the ledger distinguishes, in as many groups as colours can be told apart.
RESULTS, REVIEWS, METRICS, STREAKS, ACHIEVEMENTS, STAFF = "results", "reviews", "metrics", "streaks", "earned", "staff"
SOURCES = {
    RESULTS: "Results",
    REVIEWS: "Reviews",
    METRICS: "Metrics",
    STREAKS: "Streak bonuses",
    ACHIEVEMENTS: "Achievements",
    STAFF: "Staff, corrections, imports",
}
SOURCE_OF: dict[str, str] = {
    Reason.SESSION_COMPLETION: RESULTS,
    Reason.LEVEL_COMPLETION: RESULTS,
    Reason.ATTEMPT_PASSED: RESULTS,
    Reason.TRAINING_PROGRESS: RESULTS,
    Reason.METRIC: METRICS,
    Reason.REVIEW: REVIEWS,
    Reason.STREAK_BONUS: STREAKS,
    Reason.ACHIEVEMENT: ACHIEVEMENTS,
}
TRUST: dict[str, str] = {Trust.VERIFIED: "Verified", Trust.REPORTED: "Reported", Trust.OFFLINE: "Offline"}


def xp_by_source(filters: Filters, _: Analytics) -> Figures:
    days = list(_days(filters).values_list("date", "reason", "trust", "xp"))
    sums = by_week(((day, SOURCE_OF.get(reason, STAFF), xp) for day, reason, _, xp in days), filters)
    return _weekly(filters, series_of(SOURCES, sums), "XP by source and week", _detailed(days, filters))


def xp_by_trust(filters: Filters, _: Analytics) -> Figures:
    sums = by_week(_days(filters).values_list("date", "trust", "xp"), filters)
    return _weekly(filters, series_of(TRUST, sums), "XP by trust and week")


def player_levels(_: Filters, analytics: Analytics) -> Figures:
    players = {int(level): learners for level, learners in analytics.player_levels.items()}
    levels = list(range(1, max(players, default=0) + 1))
    series = [Series("Learners", [players.get(level, 0) for level in levels])]
    return Figures([bar_chart([str(level) for level in levels], series, title="Learners by level", axis="Level")])


def _days(filters: Filters) -> "QuerySet[XPDay]":
    """What was carried forward from an archive was earned long before."""
    days = XPDay.objects.filter(date__range=(filters.first, filters.today))
    return days.exclude(reason=Reason.CARRIED_FORWARD)


def _weekly(filters: Filters, series: list[Series], title: str, table: Table | None = None) -> Figures:
    labels = [short(day) for day in filters.mondays]
    return Figures([bar_chart(labels, series, title=title, unit="XP", stacked=True, axis="Week of")], table)


def _detailed(days: list[tuple[date, str, str, int]], filters: Filters) -> Table:
    """A row for each week, reason and trust."""
    sums = by_week(((day, (reason, trust), xp) for day, reason, trust, xp in days), filters)
    rows: list[list[Cell]] = [
        [monday.isoformat(), Reason(reason).label, Trust(trust).label, xp[place]]
        for place, monday in enumerate(filters.mondays)
        for (reason, trust), xp in sorted(sums.items())
        if xp[place]
    ]
    return Table(["Week of", "Source", "Trust", "XP"], rows)
