"""The ledger entries that a payment writes, each with the breakdown that explains its number."""

from dataclasses import asdict
from datetime import date, datetime

from gamification.ledger.entries import NewEntry
from gamification.models import Achievement, LedgerEntry, Trust
from gamification.pricing import xp
from gamification.pricing.rules import Rules
from gamification.streaks.recording import Recorded

from .rewards import Award, ReviewAward


def completion_entries(award: Award, breakdown: xp.Breakdown) -> list[NewEntry]:
    amount = xp.total(breakdown)
    if not amount:
        return []
    return [
        NewEntry(
            delta=amount,
            reason=award.reason,
            reference_type=award.reference_type,
            reference_id=award.reference_id,
            effective_at=award.occurred_at,
            trust=award.trust,
            subject=award.subject,
            metadata={"breakdown": [asdict(factor) for factor in breakdown]},
        )
    ]


def bonus_entries(award: Award | ReviewAward, recorded: Recorded, day: date, rules: Rules) -> list[NewEntry]:
    """The streak bonus of the first completion of `day`, the learner's local date, or of enough reviews."""
    bonus = xp.streak_bonus(recorded.run, rules) if recorded.is_first_completion else 0
    if not bonus:
        return []
    return [
        NewEntry(
            delta=bonus,
            reason=LedgerEntry.Reason.STREAK_BONUS,
            reference_type="streak_bonus",
            reference_id=day.isoformat(),
            effective_at=award.occurred_at,
            trust=award.trust,
            metadata=_breakdown("streak_bonus", bonus) | {"streak": recorded.run} | _made_by(award, rules),
        )
    ]


def _made_by(award: Award | ReviewAward, rules: Rules) -> dict:
    """How many reviewed questions made the day, by these rules; nothing where a completion did."""
    return {"reviews": rules.reviews_for_a_day} if isinstance(award, ReviewAward) else {}


def achievement_entries(achievements: list[Achievement], earned_at: datetime, *, trust: Trust) -> list[NewEntry]:
    """`trust` is that of what unlocked them."""
    return [
        NewEntry(
            delta=achievement.xp_reward,
            reason=LedgerEntry.Reason.ACHIEVEMENT,
            reference_type=LedgerEntry.ACHIEVEMENT_REFERENCE,
            reference_id=achievement.achievement_id,
            effective_at=earned_at,
            trust=trust,
            metadata=_breakdown("achievement", achievement.xp_reward),
        )
        for achievement in achievements
        if achievement.xp_reward
    ]


def _breakdown(factor: str, value: int) -> dict:
    return {"breakdown": [{"factor": factor, "value": value}]}
