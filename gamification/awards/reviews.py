"""How the review of a question is paid: a right answer pays up to the most of a date; enough of them make a day.

The limits of plausibility do not apply: the server has judged the answer, and reviews have a limit of their own.
"""

from dataclasses import asdict
from datetime import date

from gamification.ledger.entries import NewEntry
from gamification.models import LedgerEntry
from gamification.pricing import xp
from gamification.pricing.rules import Rules
from gamification.streaks.local_dates import record_local_time
from gamification.streaks.pending_days import PendingDays
from gamification.streaks.recording import Recorded, record_activity

from .award_entries import bonus_entries
from .batch import AwardBatch
from .rewards import ReviewAward, Reward

REFERENCE = "review"


def add_review(batch: AwardBatch, award: ReviewAward) -> Reward:
    """Pay one review. `Reward.streak` is None until the date has enough of them."""
    rules, before = batch.rules, batch.values()
    day = record_local_time(batch.profile, award.occurred_at).date()
    recorded = record_reviews(batch.days, award, day, rules)
    breakdown = price_review(award, rules)
    return batch.pay(
        review_entries(award, breakdown, recorded, day, rules),
        breakdown,
        before=before,
        earned_at=award.occurred_at,
        trust=award.trust,
        action=recorded.action if recorded else None,
    )


def record_reviews(days: PendingDays, award: ReviewAward, day: date, rules: Rules) -> Recorded | None:
    """A date with enough reviews counts as one with a completion."""
    if award.reviewed < rules.reviews_for_a_day:
        return None
    return record_activity(days, day, completed=True)


def price_review(award: ReviewAward, rules: Rules) -> xp.Breakdown:
    if not award.correct or not rules.review_xp:
        return []
    breakdown = [xp.Factor("review", rules.review_xp)]
    over = rules.review_xp - max(0, rules.review_xp_per_day - award.paid_before)
    return [*breakdown, xp.Factor("review_limit", -over)] if over > 0 else breakdown


def review_entries(
    award: ReviewAward, breakdown: xp.Breakdown, recorded: Recorded | None, day: date, rules: Rules
) -> list[NewEntry]:
    amount = xp.total(breakdown)
    entry = NewEntry(
        delta=amount,
        reason=LedgerEntry.Reason.REVIEW,
        reference_type=REFERENCE,
        reference_id=award.reference_id,
        effective_at=award.occurred_at,
        trust=award.trust,
        subject=award.subject,
        metadata={"breakdown": [asdict(factor) for factor in breakdown]},
    )
    return [*([entry] if amount else []), *(bonus_entries(award, recorded, day, rules) if recorded else [])]
