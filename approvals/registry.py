"""The kinds of requests, which each app registers by importing them in the `ready` of its AppConfig."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from rest_framework.exceptions import APIException

from .errors import EarnedFromIt
from .models import ApprovalRequest

EARNED_WITHIN = timedelta(hours=24)

# (subject of the request, person, since) -> whether that person has earned XP from the subject.
EarningsLookup = Callable[[str, int, datetime], bool]


class ApprovalKind:
    """How requests of one kind are judged and applied. `permission` is needed to approve and to decline them."""

    name: str
    label: str
    permission: str

    def refusal(self, request: ApprovalRequest, *, actor: Any, at: datetime) -> APIException | None:
        """Why this person may not approve it, beyond what holds for all kinds; None if they may."""
        return EarnedFromIt() if has_earned(request.subject, actor.pk, since=at - EARNED_WITHIN) else None

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:
        """Do what was asked for and return the `result` to keep, with a sentence for the log under `done`.

        It runs in the transaction of the approval, with the request locked: look again at everything that may have
        changed since it was asked. `request.decided_by` is who approves. Raise an APIException to refuse; then the
        request still waits.
        """
        raise NotImplementedError

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:
        """What approving does, in sentences. Raise the APIException that `apply` would raise now."""
        raise NotImplementedError


_kinds: dict[str, ApprovalKind] = {}
_lookups: list[EarningsLookup] = []


def register(kind: type[ApprovalKind]) -> type[ApprovalKind]:
    """A decorator of the class."""
    _kinds[kind.name] = kind()
    return kind


def kinds() -> list[ApprovalKind]:
    return list(_kinds.values())


def kind_of(request: ApprovalRequest) -> ApprovalKind:
    return _kinds[request.kind]


def register_earnings(lookup: EarningsLookup) -> EarningsLookup:
    """A decorator of the function that says who has earned from what; the app that knows lies above this one."""
    _lookups.append(lookup)
    return lookup


def has_earned(subject: str, person_id: int, *, since: datetime) -> bool:
    return any(lookup(subject, person_id, since) for lookup in _lookups)
