"""Adjustments that need two people: one requests them, another approves or declines them; paid once."""

from datetime import datetime
from typing import Any

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
def request_adjustment(
    *, learner_id: int, amount: int, reason: str, note: str, reference_id: str, actor, at: datetime
) -> AdjustmentRequest:
    """Create a request that waits for a second person; a repeat with the same `reference_id` returns the first one.

    Raise OwnXP, LearnerErased, or ReferenceReused if the reference was used with another amount.
    """
    if actor.pk == learner_id:
        raise OwnXP
    # Refuses an erased learner, and makes an erasure at the same moment wait and then find this request.
    lock_profile(learner_id)
    request = AdjustmentRequest(
        learner_id=learner_id,
        amount=amount,
        reason=reason,
        note=note,
        reference_id=reference_id,
        requested_by=actor,
        requested_at=at,
    )
    if not insert_if_absent(request, conflict="(learner_id, reference_id)"):
        request = AdjustmentRequest.objects.get(learner_id=learner_id, reference_id=reference_id)
    if request.amount != amount:
        raise ReferenceReused
    return request


@transaction.atomic
def approve_request(request_id: int, *, actor, at: datetime) -> AdjustmentRequest:
    """Pay the adjustment; the caller has checked the permission `award_xp`.

    Raise AlreadyDecided, OwnRequest, OwnXP, ReferenceReused, BalanceBelowZero or BalanceTooLarge.
    """
    request = _locked(request_id)
    if actor.pk == request.requested_by_id:
        raise OwnRequest
    if actor.pk == request.learner_id:
        raise OwnXP
    adjusted = adjust_xp(**adjustment_of(request), at=at)
    if not adjusted.is_new:
        raise ReferenceReused("This reference has been paid before.")
    request.entry = adjusted.entry
    return _decided(request, Status.APPROVED, actor, at)


def adjustment_of(request: AdjustmentRequest) -> dict[str, Any]:
    """The arguments for `adjust_xp`."""
    return {
        "learner_id": request.learner_id,
        "amount": request.amount,
        "reason": request.reason,
        "note": request.note,
        "reference_id": request.reference_id,
        "actor": request.requested_by,
    }


@transaction.atomic
def decline_request(request_id: int, *, actor, at: datetime) -> AdjustmentRequest:
    """Close the request without paying; the person who made it may withdraw it this way. Raise AlreadyDecided."""
    return _decided(_locked(request_id), Status.DECLINED, actor, at)


def _locked(request_id: int) -> AdjustmentRequest:
    """The waiting request, locked until the transaction ends. Raise AlreadyDecided."""
    request = AdjustmentRequest.objects.locked().select_related("requested_by").get(pk=request_id)
    if request.status != Status.WAITING:
        raise AlreadyDecided
    return request


def _decided(request: AdjustmentRequest, status: Status, actor, at: datetime) -> AdjustmentRequest:
    request.status, request.decided_by, request.decided_at = status, actor, at
    request.save()
    return request
