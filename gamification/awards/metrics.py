"""How an event of a metric is paid: it counts, may make an active day, and pays by the unit."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, datetime

from gamification.ledger.entries import NewEntry
from gamification.metrics import CustomMetric
from gamification.models import LedgerEntry, Trust
from gamification.pricing import xp
from gamification.pricing.metrics import xp_for
from gamification.streaks.local_dates import record_local_time
from gamification.streaks.recording import record_activity

from .batch import AwardBatch
from .limiter import Limiter
from .rewards import Reward

REFERENCE = "metric_event"


@dataclass(frozen=True)
class MetricAward:
    """One event of a metric that is to be paid. `occurred_at` is the moment as of which it counts.

    Without `has_limits` the limits of plausibility do not apply to it; those of the metric always do.
    """

    metric: CustomMetric
    value: int
    reference_id: str
    occurred_at: datetime
    trust: Trust
    has_limits: bool = True


def add_metric(batch: AwardBatch, award: MetricAward) -> Reward:
    """Count and pay one event. The profile, and so the next award, sees its effects at once.

    `Reward.counted` says what counted where a limit has cut it; `streak` is None where the metric is no activity.
    """
    before = batch.values()
    day = record_local_time(batch.profile, award.occurred_at).date()
    action = record_activity(batch.days, day, completed=False).action if award.metric.counts_as_activity else None
    counted = _count(batch, award, day)
    breakdown = price_event(batch.limiter, award, day, counted)
    return batch.pay(
        metric_entries(award, breakdown),
        breakdown,
        before=before,
        earned_at=award.occurred_at,
        trust=award.trust,
        action=action,
        counted={award.metric.metric_id: counted} if counted != award.value else None,
    )


def _count(batch: AwardBatch, award: MetricAward, day: date) -> int:
    """Add to the learner's total what may still count on that local date; return it."""
    name, profile = award.metric.metric_id, batch.profile
    counted = batch.limiter.left_of(name, award.value, day)
    counts = {name: counted}
    batch.limiter.use_metrics(day, counts)
    profile.counters = dict(Counter(profile.counters) + Counter(counts))
    batch.metric_totals.note(counts, award.trust)
    return counted


def price_event(limiter: Limiter, award: MetricAward, day: date, counted: int) -> xp.Breakdown:
    """Of the value, `counted` counts on that local date."""
    due, paid = (xp_for(value, award.metric.xp_per_unit) for value in (award.value, counted))
    breakdown = [xp.Factor("metric", due)] if due else []
    if counted != award.value:
        breakdown.append(xp.Factor("metric_limit", paid - due))
    if award.has_limits and limiter.why_day_is_full(day, paid):
        return xp.without_pay(breakdown, "xp_limit")
    if award.has_limits:
        limiter.use_xp(day, paid)
    return breakdown


def metric_entries(award: MetricAward, breakdown: xp.Breakdown) -> list[NewEntry]:
    amount = xp.total(breakdown)
    if not amount:
        return []
    return [
        NewEntry(
            delta=amount,
            reason=LedgerEntry.Reason.METRIC,
            reference_type=REFERENCE,
            reference_id=award.reference_id,
            effective_at=award.occurred_at,
            trust=award.trust,
            subject=f"metric:{award.metric.metric_id}",
            metadata={"breakdown": [asdict(factor) for factor in breakdown]},
        )
    ]
