"""Edits of levels that take two people: those by which a level may pay more than one person may give.

These are a reward that is raised above `XP_APPROVAL_ABOVE`, any other change by which a completion may pay more than
that (the rule, the difficulty, the maximum score), and the repeat policy `full`, by which each repetition pays. The
whole edit waits, whichever other fields it changes. Loading a catalogue on the command line is not an edit of staff,
and is exempt.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db import transaction
from django.forms import model_to_dict
from django.utils.module_loading import import_string

from approvals.errors import RequestOutdated
from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from approvals.services import is_above_limit, request_approval, second_person_is_needed
from catalogues.editing import fingerprint

from .choices import RepeatPolicy
from .models import Level
from .prerequisites import lock_prerequisites
from .services import save_level

KIND = "level"
Estimate = Callable[..., int]


@transaction.atomic
def save_or_request(
    *,
    level: Level,
    fields: Mapping[str, Any],
    actor: Any,
    at: datetime,
    prerequisites: Sequence[str] | None = None,
    confirmed: bool = False,
) -> Level | ApprovalRequest:
    """As `save_level`, but where the edit takes a second person nothing is saved and its request is returned."""
    before = None if level._state.adding else copy(level)
    based_on = fingerprint(level) if before else ""
    with transaction.atomic():
        after = save_level(level=level, fields=fields, prerequisites=prerequisites, confirmed=confirmed)
        if not needs_approval(before, after):
            return after
        transaction.set_rollback(True)
    edit = {"fields": dict(fields), "prerequisites": prerequisites, "confirmed": confirmed, "based_on": based_on}
    return request_edit(before=before, after=after, edit=edit, actor=actor, at=at)


def needs_approval(before: Level | None, after: Level, *, estimate: Estimate | None = None) -> bool:
    """`before` is None for a new level. `estimate` is `xp_estimator()`, read once for many levels."""
    if not second_person_is_needed():
        return False
    if after.repeat_policy == RepeatPolicy.FULL and (before is None or before.repeat_policy != RepeatPolicy.FULL):
        return True
    estimate = estimate or xp_estimator()
    return any(
        is_above_limit(pays(after)) and (before is None or pays(after) > pays(before))
        for pays in (attrgetter("xp_reward"), partial(most_xp, estimate=estimate))
    )


def xp_estimator() -> Estimate:
    """By the rules in force now."""
    estimator: Estimate = import_string(settings.MOST_XP_OF_LEVEL)()
    return estimator


def most_xp(level: Level, *, estimate: Estimate | None = None) -> int:
    """What its best completion pays; by some rules that follows from the maximum score, not from the reward."""
    return (estimate or xp_estimator())(
        rule=level.xp_rule,
        difficulty=level.difficulty,
        max_score=level.max_score,
        xp_reward=level.xp_reward,
        expected_seconds=level.expected_time_seconds,
    )


def request_edit(
    *, before: Level | None, after: Level, edit: Mapping[str, Any], actor: Any, at: datetime
) -> ApprovalRequest:
    """`edit` has `fields`, `prerequisites` (None: they stay), `confirmed`, and `based_on`, the fingerprint before."""
    payload = {**edit, "level": before and before.pk}
    if before is None:
        payload["fields"] = model_to_dict(after, exclude=["prerequisites"])
    return request_approval(
        kind=KIND,
        subject=f"level:{before.pk}" if before else f"new-level:{after.level_id}",
        payload=payload,
        xp=most_xp(after),
        summary=_summary(before, after),
        actor=actor,
        at=at,
    )


@register
class LevelKind(ApprovalKind):
    name, label, permission = KIND, "Level", "levels.change_level"

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:  # noqa: ARG002
        edit = request.payload
        if edit["prerequisites"] is not None:
            lock_prerequisites()
        level = save_level(
            level=_locked_level(request),
            fields=edit["fields"],
            prerequisites=edit["prerequisites"],
            confirmed=edit["confirmed"],
        )
        return {"level_id": level.level_id, "done": f"The level “{level.level_id}” is saved."}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:
        with transaction.atomic():
            sentences = _changes(_locked_level(request), request.payload)
            self.apply(request, at=at)
            transaction.set_rollback(True)
        return sentences


def _locked_level(request: ApprovalRequest) -> Level:
    """The level to edit, or a new one. Raises RequestOutdated if it was changed since the request was made."""
    if request.payload["level"] is None:
        return Level(created_by_id=request.requested_by_id)
    level = Level.objects.select_for_update(no_key=True).filter(pk=request.payload["level"]).first()
    if level is None or fingerprint(level) != request.payload["based_on"]:
        raise RequestOutdated
    return level


def _summary(before: Level | None, after: Level) -> str:
    pays = f"XP reward {after.xp_reward}, rule {after.xp_rule}, repeat policy {after.repeat_policy}"
    if before is None:
        return f"New level “{after.name}”: {pays}"
    was = f"{before.xp_reward}, {before.xp_rule}, {before.repeat_policy}"
    return f"Change of “{before.name}”: {pays} (now {was})"


def _changes(level: Level, edit: Mapping[str, Any]) -> list[str]:
    """What the edit changes, a sentence for each field."""
    before = model_to_dict(level, exclude=["prerequisites"])
    changes = [
        f"{_label(name)}: {before[name]!r} becomes {value!r}."
        for name, value in edit["fields"].items()
        if before[name] != value
    ]
    if edit["prerequisites"] is not None:
        changes.append(f"prerequisites: {', '.join(edit['prerequisites']) or 'none'}.")
    return [change[0].upper() + change[1:] for change in changes]


def _label(name: str) -> str:
    return str(getattr(Level._meta.get_field(name), "verbose_name", name))
