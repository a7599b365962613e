"""Asking for a change that takes two people, and deciding about it."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, PermissionDenied

from change_history.context import because

from .errors import AlreadyDecided, OwnRequest, OwnXP
from .models import ApprovalRequest
from .registry import kind_of, kinds

Status = ApprovalRequest.Status
LARGEST_AMOUNT = 1_000_000  # XP that one ledger entry, reward or level moves at most


def second_person_is_needed() -> bool:
    """Whether anything needs one; a limit that no change of XP exceeds switches it off."""
    return is_above_limit(LARGEST_AMOUNT)


def is_above_limit(xp: int) -> bool:
    """Whether so much XP, given or taken, needs a second person."""
    return abs(xp) > cast(int, settings.XP_APPROVAL_ABOVE)


def wait_for_turn(person: Any) -> None:
    """Lock the account of a person whose changes count together, so that none is left out that is made meanwhile."""
    get_user_model().objects.select_for_update(no_key=True).get(pk=person.pk)


def fingerprint_of(value: Any) -> str:
    """The same for equal JSON values."""
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def request_approval(
    *,
    kind: str,
    subject: str,
    payload: dict[str, Any],
    summary: str,
    actor: Any,
    at: datetime,
    xp: int = 0,
    learner_id: int | None = None,
    reason: str = "",
    note: str = "",
    same: Any = None,
) -> ApprovalRequest:
    """Create a request that waits for a second person; asked again while it waits, the first one is returned.

    `kind` is the name of a registered ApprovalKind. `payload` must be JSON and have all that its `apply` needs, since
    approval may come days later. `xp` is the amount at stake, shown to whoever decides. Two requests about one subject
    are the same if their payloads are equal, or their `same` if it is given. Raise OwnXP if `actor` is the learner.

    Call it with the row that the change is about locked, if there is one: a decision locks the request first and that
    row second, but it changes the request only after the row, so the two cannot wait for each other.
    """
    if learner_id is not None and actor.pk == learner_id:
        raise OwnXP
    request = ApprovalRequest(
        kind=kind,
        subject=subject,
        fingerprint=fingerprint_of(payload if same is None else same),
        payload=payload,
        xp=xp,
        summary=summary[:300],
        learner_id=learner_id,
        reason=reason,
        note=note,
        requested_by=actor,
        requested_at=at,
    )
    return _insert_once(request)


def _insert_once(request: ApprovalRequest) -> ApprovalRequest:
    identity = {name: getattr(request, name) for name in ("kind", "subject", "fingerprint")}
    earlier = ApprovalRequest.objects.waiting().filter(**identity)
    if found := earlier.first():
        return found
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError:  # another transaction inserted the same one after we looked
        if found := earlier.first():
            return found
        raise
    return request


def refusal_of(request: ApprovalRequest, *, actor: Any, at: datetime) -> APIException | None:
    """Why this person may not approve the request; None if they may."""
    kind = kind_of(request)
    if not request.is_waiting:
        return AlreadyDecided()
    if not actor.has_perm(kind.permission):
        return PermissionDenied(
            _("Only people with the permission %(permission)s decide about this.") % {"permission": kind.permission}
        )
    if actor.pk == request.requested_by_id:
        return OwnRequest()
    if actor.pk == request.learner_id:
        return OwnXP()
    return kind.refusal(request, actor=actor, at=at)


@transaction.atomic
def approve(request_id: int, *, actor: Any, at: datetime, note: str = "") -> ApprovalRequest:
    """Apply what was asked for, once, in this transaction.

    Raise what `refusal_of` returns, or what the kind's `apply` raises; the request then still waits.
    """
    request = _locked(request_id)
    if refusal := refusal_of(request, actor=actor, at=at):
        raise refusal
    request.decided_by = actor
    with because(f"Approval request {request.pk}", actor=actor):
        request.result = kind_of(request).apply(request, at=at)
    return _decided(request, Status.APPROVED, actor=actor, at=at, note=note)


@transaction.atomic
def decline(request_id: int, *, actor: Any, at: datetime, note: str = "") -> ApprovalRequest:
    """Close the request without effect; whoever asked withdraws it this way.

    Raise AlreadyDecided or PermissionDenied.
    """
    request = _locked(request_id)
    if not request.is_waiting:
        raise AlreadyDecided
    is_own = actor.pk == request.requested_by_id
    if not is_own and not actor.has_perm(kind_of(request).permission):
        raise PermissionDenied
    return _decided(request, Status.WITHDRAWN if is_own else Status.DECLINED, actor=actor, at=at, note=note)


def waiting_for(person: Any) -> QuerySet[ApprovalRequest]:
    """Requests of others that this person has the right to decide."""
    names = [kind.name for kind in kinds() if person.has_perm(kind.permission)]
    waiting = ApprovalRequest.objects.waiting().filter(kind__in=names).exclude(requested_by=person)
    return waiting.exclude(learner__isnull=False, learner=person)


def _locked(request_id: int) -> ApprovalRequest:
    return ApprovalRequest.objects.locked().select_related("requested_by", "learner").get(pk=request_id)


def _decided(request: ApprovalRequest, status: Status, *, actor: Any, at: datetime, note: str) -> ApprovalRequest:
    request.status, request.decided_by, request.decided_at, request.decision_note = status, actor, at, note
    request.save()
    return request
