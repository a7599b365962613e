"""Edits of achievements that take two people: those by which one may pay more than one person may give.

These are a reward that is raised above `XP_APPROVAL_ABOVE`, and, with a reward above it, publishing the achievement or
changing its condition. Loading a catalogue on the command line is not an edit of staff, and is exempt.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import IntegrityError, transaction
from django.forms import model_to_dict
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import as_serializer_error

from approvals.errors import RequestOutdated
from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from approvals.services import is_above_limit, request_approval
from catalogues.editing import fingerprint
from change_history.context import because
from gamification.conditions.schema import in_words
from gamification.models import Achievement

from .previews import try_out

KIND = "achievement"


def needs_approval(before: Achievement | None, after: Achievement) -> bool:
    """`before` is None for a new achievement."""
    if not is_above_limit(after.xp_reward):
        return False
    if before is None or after.xp_reward > before.xp_reward:
        return True
    return after.published and (not before.published or after.condition != before.condition)


def request_edit(
    *, before: Achievement | None, after: Achievement, fields: Mapping[str, Any], actor: Any, at: datetime
) -> ApprovalRequest:
    """`fields` are those that change; of a new achievement all are kept."""
    payload = {
        "id": before and before.pk,
        "based_on": fingerprint(before) if before else "",
        "fields": dict(fields) if before else model_to_dict(after),
    }
    return request_approval(
        kind=KIND,
        subject=f"{KIND}:{after.achievement_id}",
        payload=payload,
        xp=after.xp_reward,
        summary=f"{'Change of' if before else 'New achievement'} “{after}”: {after.xp_reward} XP, "
        f"{'published' if after.published else 'not published'}",
        actor=actor,
        at=at,
    )


@register
class AchievementKind(ApprovalKind):
    name, label, permission = KIND, "Achievement", "gamification.change_achievement"

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:  # noqa: ARG002
        with because(f"Approval of request {request.pk}"):
            achievement = _saved(request)
        return {"done": f"The achievement “{achievement.achievement_id}” is saved."}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:  # noqa: ARG002
        before = Achievement.objects.filter(pk=request.payload["id"]).first()
        after = try_out(lambda: _saved(request))
        was = f" (now {before.xp_reward})" if before else ""
        return [
            f"It pays {after.xp_reward} XP{was} to each learner who earns it.",
            f"It is earned by: {in_words(after.condition)}.",
            "It is published." if after.published else "It is not published.",
            *(f"{name} becomes {value!r}." for name, value in request.payload["fields"].items() if before),
        ]


def _saved(request: ApprovalRequest) -> Achievement:
    """Raise RequestOutdated if it was changed since the request was made, or ValidationError."""
    achievement = _locked(request)
    for name, value in request.payload["fields"].items():
        setattr(achievement, name, value)
    try:
        achievement.full_clean()
        with transaction.atomic():
            achievement.save()
    except ModelError as error:
        raise ValidationError(as_serializer_error(error)) from error
    except IntegrityError as error:  # another transaction, after `full_clean`
        raise RequestOutdated from error
    return achievement


def _locked(request: ApprovalRequest) -> Achievement:
    if request.payload["id"] is None:
        return Achievement()
    stored = Achievement.objects.select_for_update(no_key=True).filter(pk=request.payload["id"]).first()
    if stored is None or fingerprint(stored) != request.payload["based_on"]:
        raise RequestOutdated
    return stored
