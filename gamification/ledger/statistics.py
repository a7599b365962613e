"""What a learner's ledger adds up to: by reason, by day, on average."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

from django.db.models import Count, Q, Sum
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
    """What was earned on a UTC date, net of what was taken back from it since."""

    date: date
    xp: int


@dataclass(frozen=True)
class XPStats:
    """`by_reason` adds up to `total_xp`; averages are exact, None where there is nothing to divide by."""

    total_xp: int
    by_reason: list[ReasonTotal]
    by_day: list[DayTotal]
    per_day: Fraction
    per_active_day: Fraction | None
    per_completion: Fraction | None


def xp_stats(learner, *, at: datetime) -> XPStats:
    """The last 30 UTC dates end with that of `at`. Two statements, whatever the history."""
    lines = LedgerEntry.objects.filter(learner=learner)
    rows = list(_by_reason(lines))
    by_day = _by_day(lines, at.astimezone(UTC).date())
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


def _by_reason(lines):
    not_reversed = Q(reversed_by=None)
    return (
        lines.order_by("reason")
        .values("reason")
        .annotate(
            xp=Sum("delta"),
            lines=Count("pk"),
            standing=Count("pk", filter=not_reversed),
            standing_xp=Sum("delta", filter=not_reversed, default=0),
        )
    )


def _by_day(lines, today: date) -> list[DayTotal]:
    first = today - timedelta(days=DAYS - 1)
    began = datetime.combine(first, time.min, UTC)
    lines = lines.filter(effective_at__gte=began, effective_at__lt=began + timedelta(days=DAYS)).order_by()
    xp = dict(lines.values_list(TruncDate("effective_at", tzinfo=UTC)).annotate(Sum("delta")))
    days = [first + timedelta(days=n) for n in range(DAYS)]
    return [DayTotal(day, xp.get(day, 0)) for day in days]


def _share(amount: int, parts: int) -> Fraction | None:
    return Fraction(amount, parts) if parts else None
