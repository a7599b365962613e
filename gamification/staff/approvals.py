"""Adjustments too large for one person: asked for by one, approved or declined by another, paid once."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from gamification.awards.adjustments import adjust_xp
from gamification.errors import AlreadyDecided, OwnRequest, OwnXP, ReferenceReused
from gamification.models import AdjustmentRequest
from gamification.profiles.locking import lock_profile
from hotsql.writes import insert_if_absent

Status = AdjustmentRequest.Status


def needs_approval(amount: int) -> bool:
    return abs(amount) > settings.XP_APPROVAL_ABOVE


@transaction.atomic
def ask_for_adjustment(
    *, learner_id: int, amount: int, reason: str, note: str, reference_id: str, actor, at: datetime
) -> AdjustmentRequest:
    """A request that waits for a second person; asking again under its `reference_id` finds the first one.

    Raise OwnXP, LearnerErased, or ReferenceReused where the reference stands for another amount.
    """
    if actor.pk == learner_id:
        raise OwnXP
    # Refuses an erased learner, and makes an erasure at the same moment wait and then find this request.
    lock_profile(learner_id)
    asked = AdjustmentRequest(
        learner_id=learner_id,
        amount=amount,
        reason=reason,
        note=note,
        reference_id=reference_id,
        requested_by=actor,
        requested_at=at,
    )
    if not insert_if_absent(asked, conflict="(learner_id, reference_id)"):
        asked = AdjustmentRequest.objects.get(learner_id=learner_id, reference_id=reference_id)
    if asked.amount != amount:
        raise ReferenceReused
    return asked


@transaction.atomic
def approve_request(request_id: int, *, actor, at: datetime) -> AdjustmentRequest:
    """Pay it; the caller has checked the permission `award_xp`.

    Raise AlreadyDecided, OwnRequest, OwnXP, ReferenceReused, BalanceBelowZero or BalanceTooLarge.
    """
    asked = _locked(request_id)
    if actor.pk == asked.requested_by_id:
        raise OwnRequest
    if actor.pk == asked.learner_id:
        raise OwnXP
    adjusted = adjust_xp(**adjustment_of(asked), at=at)
    if not adjusted.is_new:
        raise ReferenceReused("This reference has been paid before.")
    asked.entry = adjusted.entry
    return _decided(asked, Status.APPROVED, actor, at)


def adjustment_of(asked: AdjustmentRequest) -> dict:
    """The arguments of `adjust_xp` that a request stands for."""
    return {
        "learner_id": asked.learner_id,
        "amount": asked.amount,
        "reason": asked.reason,
        "note": asked.note,
        "reference_id": asked.reference_id,
        "actor": asked.requested_by,
    }


@transaction.atomic
def decline_request(request_id: int, *, actor, at: datetime) -> AdjustmentRequest:
    """Close it without paying; whoever asked may withdraw it so. Raise AlreadyDecided."""
    return _decided(_locked(request_id), Status.DECLINED, actor, at)


def _locked(request_id: int) -> AdjustmentRequest:
    """Still waiting, and ours alone until the transaction ends."""
    asked = AdjustmentRequest.objects.locked().select_related("requested_by").get(pk=request_id)
    if asked.status != Status.WAITING:
        raise AlreadyDecided
    return asked


def _decided(asked: AdjustmentRequest, status: Status, actor, at: datetime) -> AdjustmentRequest:
    asked.status, asked.decided_by, asked.decided_at = status, actor, at
    asked.save()
    return asked
