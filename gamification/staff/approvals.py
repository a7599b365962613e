"""What staff do with the XP of one learner: alone up to a limit, above it only with a second person.

The limit is for everything that one person does to one learner within 24 hours, by the admin and the API together, so
that no amount passes in parts. It is summed while the learner's profile is locked, so that no parts pass side by side.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Abs
from django.utils.translation import gettext as _

from approvals.errors import AlreadyDecided, OwnXP
from approvals.models import ApprovalRequest
from approvals.services import fingerprint_of, is_above_limit, request_approval
from gamification.awards.adjustments import Adjusted, adjust_xp, paid_adjustment, reversal_refusal, reverse
from gamification.errors import ReferenceReused
from gamification.models import LedgerEntry
from gamification.profiles.locking import lock_profile

from .previews import try_out

ADJUSTMENT, REVERSAL = "adjustment", "reversal"
SUMMED_OVER = timedelta(hours=24)
BY_HAND = [LedgerEntry.Reason.MANUAL_ADJUSTMENT, LedgerEntry.Reason.REVERSAL]
Status = ApprovalRequest.Status


def needs_approval(*, learner_id: int, amount: int, actor: Any, at: datetime) -> bool:
    """Whether this amount, together with what `actor` did to the learner's XP before, takes a second person."""
    return is_above_limit(abs(amount) + moved_by(actor, learner_id, since=at - SUMMED_OVER))


def moved_by(actor: Any, learner_id: int, *, since: datetime) -> int:
    """How much XP this person gave, took and reversed since then, all as positive amounts."""
    entries = LedgerEntry.objects.filter(actor=actor.pk, learner=learner_id, reason__in=BY_HAND, created_at__gt=since)
    return entries.aggregate(moved=Sum(Abs("delta"), default=0))["moved"]


@transaction.atomic
def adjust_or_request(
    *,
    learner_id: int,
    amount: int,
    reason: str,
    actor: Any,
    at: datetime,
    note: str = "",
    reference_id: str = "",
    metadata: dict[str, Any] | None = None,
) -> Adjusted | ApprovalRequest:
    """Adjust XP, or request it where a second person has to approve it.

    A repeat with the same `reference_id` returns the same request, and the entry once it is paid. Raise what
    `adjust_xp` raises, or AlreadyDecided for a reference whose request was declined.
    """
    adjustment = {"learner_id": learner_id, "amount": amount, "reason": reason, "note": note, "actor": actor, "at": at}
    adjustment |= {"reference_id": reference_id, "metadata": metadata or {}}
    if actor.pk == learner_id:
        raise OwnXP
    lock_profile(learner_id)
    if reference_id and paid_adjustment(learner_id, reference_id):
        return adjust_xp(**adjustment)
    if earlier := _earlier_request(learner_id, amount, reference_id):
        return earlier
    if not needs_approval(learner_id=learner_id, amount=amount, actor=actor, at=at):
        return adjust_xp(**adjustment)
    try_out(lambda: adjust_xp(**adjustment))
    return request_adjustment(**adjustment)


@transaction.atomic
def request_adjustment(
    *,
    learner_id: int,
    amount: int,
    reason: str,
    note: str,
    reference_id: str,
    actor: Any,
    at: datetime,
    metadata: dict[str, Any] | None = None,
) -> ApprovalRequest:
    """Create a request that waits for a second person; a repeat with the same `reference_id` returns the first one.

    Raise OwnXP, LearnerErased, AlreadyDecided, or ReferenceReused if the reference was used with another amount.
    """
    # Refuses an erased learner, and makes an erasure at the same moment wait and then find this request.
    lock_profile(learner_id)
    if earlier := _earlier_request(learner_id, amount, reference_id):
        return earlier
    payload = {"amount": amount, "reference_id": reference_id, "metadata": metadata or {}}
    return request_approval(
        kind=ADJUSTMENT,
        subject=_subject(learner_id),
        payload=payload,
        same=reference_id or {**payload, "reason": reason, "note": note},
        summary=f"{amount:+d} XP",
        xp=amount,
        learner_id=learner_id,
        reason=reason,
        note=note,
        actor=actor,
        at=at,
    )


@transaction.atomic
def reverse_or_request(
    entry: LedgerEntry, *, actor: Any, reason: str, note: str, at: datetime
) -> LedgerEntry | ApprovalRequest:
    """Reverse a ledger entry, or request it where a second person has to approve it. Raise what `reverse` raises."""
    lock_profile(entry.learner_id)
    if refusal := reversal_refusal(entry, actor):
        raise refusal
    if not needs_approval(learner_id=entry.learner_id, amount=entry.delta, actor=actor, at=at):
        return reverse(entry, actor=actor, reason=reason, note=note, at=at)
    return request_approval(
        kind=REVERSAL,
        subject=f"entry:{entry.pk}",
        payload={"entry_id": entry.pk},
        summary=f"Reverse entry {entry.pk} ({entry})",
        xp=-entry.delta,
        learner_id=entry.learner_id,
        reason=reason,
        note=note,
        actor=actor,
        at=at,
    )


def _subject(learner_id: int) -> str:
    return f"learner:{learner_id}"


def _earlier_request(learner_id: int, amount: int, reference_id: str) -> ApprovalRequest | None:
    """The request with this reference, if it waits. Raise ReferenceReused or AlreadyDecided."""
    if not reference_id:
        return None
    same = fingerprint_of(reference_id)
    earlier = ApprovalRequest.objects.filter(learner=learner_id, kind=ADJUSTMENT, fingerprint=same).first()
    if earlier is None:
        return None
    if earlier.xp != amount:
        raise ReferenceReused
    if not earlier.is_waiting:
        raise AlreadyDecided(_("The request with this reference has been decided already. Use another reference."))
    return earlier
