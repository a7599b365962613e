"""What is applied when a second person approves, and what they read before."""

from datetime import datetime
from typing import Any

from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from gamification.awards.adjustments import adjust_xp, reverse
from gamification.earnables.unlocking import Earned
from gamification.errors import NotReversible, ReferenceReused
from gamification.models import LearnerProfile, LedgerEntry
from gamification.pricing.progression import PlayerLevel
from gamification.profiles.standing import player_level

from .approvals import ADJUSTMENT, REVERSAL
from .previews import try_out
from .reversal_plans import plan_reversal


@register
class AdjustmentKind(ApprovalKind):
    name, label, permission = ADJUSTMENT, "Adjustment of XP", "gamification.award_xp"

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:
        adjusted = adjust_xp(**adjustment_of(request), at=at)
        if not adjusted.is_new:
            raise ReferenceReused("This reference has been paid before.")
        return {"entry_id": adjusted.entry.pk, "done": f"Ledger entry {adjusted.entry.pk}."}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:
        total_xp = LearnerProfile.objects.of(request.learner_id).total_xp
        adjusted = try_out(lambda: adjust_xp(**adjustment_of(request), at=at))
        return [
            f"Now: {_standing(total_xp, player_level(total_xp))}.",
            f"After: {_standing(adjusted.total_xp, adjusted.after)}.",
            *_unlocks(adjusted.earned),
        ]


@register
class ReversalKind(ApprovalKind):
    name, label, permission = REVERSAL, "Reversal", "gamification.award_xp"

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:
        entry = LedgerEntry.objects.get(pk=request.payload["entry_id"])
        why = {"reason": request.reason, "note": request.note}
        reversal = reverse(entry, actor=request.requested_by, at=at, **why)
        return {"entry_id": reversal.pk, "done": f"Reversed by entry {reversal.pk}."}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:
        entry = LedgerEntry.objects.get(pk=request.payload["entry_id"])
        plan = plan_reversal(entry, actor=request.requested_by, at=at)
        if plan.after is None:
            raise NotReversible(plan.refusal)
        revoked = [f"The achievement “{plan.revoked}” is taken back with its XP."] if plan.revoked else []
        return [
            f"Now: {_standing(plan.before.total_xp, plan.before.level)}.",
            f"After: {_standing(plan.after.total_xp, plan.after.level)}.",
            *revoked,
            *(f"The achievement “{kept.achievement}” stays: {kept.words}." for kept in plan.kept),
            *_unlocks(plan.earned),
        ]


def adjustment_of(request: ApprovalRequest) -> dict[str, Any]:
    """The arguments for `adjust_xp`."""
    return {
        "learner_id": request.learner_id,
        "amount": request.payload["amount"],
        "metadata": request.payload["metadata"],
        "reference_id": request.payload["reference_id"] or f"approval-{request.pk}",
        "reason": request.reason,
        "note": request.note,
        "actor": request.requested_by,
    }


def _standing(total_xp: int, level: PlayerLevel) -> str:
    return f"{total_xp} XP, level {level.level} ({level.title})"


def _unlocks(earned: Earned) -> list[str]:
    return [
        *(f"The achievement “{one}” is unlocked and pays {one.xp_reward} XP." for one in earned.achievements),
        *(f"The badge “{one}” is awarded." for one in earned.badges),
    ]
