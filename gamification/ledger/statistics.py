"""Sums and averages of a learner's ledger: by reason, by day, per completion."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from gamification.models import LedgerEntry

DAYS = 30
Reason = LedgerEntry.Reason
COMPLETIONS = [
    Reason.SESSION_COMPLETION,
    Reason.LEVEL_COMPLETION,
    Reason.ATTEMPT_PASSED,
    Reason.TRAINING_PROGRESS,
]


@dataclass(frozen=True)
class ReasonTotal:
    reason: str
    xp: int
    lines: int


@dataclass(frozen=True)
class DayTotal:
    """XP earned on a UTC date, net of later reversals."""

    date: date
    xp: int


@dataclass(frozen=True)
class XPStats:
    """`by_reason` adds up to `total_xp`. Averages are exact fractions, None where the divisor is 0."""

    total_xp: int
    by_reason: list[ReasonTotal]
    by_day: list[DayTotal]
    per_day: Fraction
    per_active_day: Fraction | None
    per_completion: Fraction | None


def xp_stats(learner_id: int, *, at: datetime) -> XPStats:
    """Of the learner's whole ledger; `by_day` covers the 30 UTC dates that end with the date of `at`."""
    entries = LedgerEntry.objects.filter(learner_id=learner_id)
    rows = _by_reason(entries)
    by_day = _by_day(entries, at.astimezone(UTC).date())
    earned = sum(day.xp for day in by_day)
    standing = [row for row in rows if row["reason"] in COMPLETIONS]
    return XPStats(
        total_xp=sum(row["xp"] for row in rows),
        by_reason=[ReasonTotal(row["reason"], row["xp"], row["lines"]) for row in rows],
        by_day=by_day,
        per_day=Fraction(earned, DAYS),
        per_active_day=_share(earned, sum(day.xp != 0 for day in by_day)),
        per_completion=_share(sum(row["standing_xp"] for row in standing), sum(row["standing"] for row in standing)),
    )


def _by_reason(entries: QuerySet[LedgerEntry]) -> list[dict[str, Any]]:
    not_reversed = Q(reversed_by=None)
    rows = (
        entries.order_by("reason")
        .values("reason")
        .annotate(
            xp=Sum("delta"),
            lines=Count("pk"),
            standing=Count("pk", filter=not_reversed),
            standing_xp=Sum("delta", filter=not_reversed, default=0),
        )
    )
    return [dict(row) for row in rows]


def _by_day(entries: QuerySet[LedgerEntry], today: date) -> list[DayTotal]:
    first = today - timedelta(days=DAYS - 1)
    began = datetime.combine(first, time.min, UTC)
    recent = entries.filter(effective_at__gte=began, effective_at__lt=began + timedelta(days=DAYS)).order_by()
    xp = dict(recent.values_list(TruncDate("effective_at", tzinfo=UTC)).annotate(Sum("delta")))
    days = [first + timedelta(days=n) for n in range(DAYS)]
    return [DayTotal(day, xp.get(day, 0)) for day in days]


def _share(amount: int, parts: int) -> Fraction | None:
    return Fraction(amount, parts) if parts else None
