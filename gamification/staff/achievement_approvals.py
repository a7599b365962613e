"""Edits of achievements that take two people: those by which one may pay more than one person may give.

These are a reward that is raised above `XP_APPROVAL_ABOVE`, and, with a reward above it, publishing the achievement or
changing its condition; and any edit by which a learner could get more than that from all edits of one person within 24
hours. Loading a catalogue on the command line is not an edit of staff, and is exempt.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from approvals.services import is_above_limit, request_approval, second_person_is_needed, wait_for_turn
from change_history.context import because
from gamification.conditions.schema import in_words
from gamification.models import Achievement

from .grant_approvals import grant_or_request
from .previews import try_out
from .row_edits import payload_of, saved_row

KIND = "achievement"
EDITS_WITHIN = timedelta(hours=24)
QUIETLY = "quietly"
GRANTS = {"announced": "openly", "quiet": QUIETLY}  # in the words of a sentence
WORTH = ["published", "condition", "xp_reward"]


def needs_approval(before: Achievement | None, after: Achievement, *, actor: Any, at: datetime) -> bool:
    """`before` is None for a new achievement. Call it in the transaction that saves the edit."""
    if not second_person_is_needed():
        return False
    if raises_above_limit(before, after):
        return True
    more = worth_of(changed_worth(before, after), after)
    return more > 0 and together_above_limit(more, actor=actor, at=at)


def raises_above_limit(before: Achievement | None, after: Achievement) -> bool:
    return is_above_limit(after.xp_reward) and (before is None or after.xp_reward > before.xp_reward)


def changed_worth(before: Achievement | None, after: Achievement) -> dict[str, list[Any]]:
    values = {name: [getattr(before, name, None), getattr(after, name)] for name in WORTH}
    return {name: [old, new] for name, (old, new) in values.items() if old != new}


def together_above_limit(more: int, *, actor: Any, at: datetime) -> bool:
    """Whether so much XP is too much for one person, with all that they gave by edits within a day."""
    wait_for_turn(actor)
    return is_above_limit(more + worth_of_edits(actor, since=at - EDITS_WITHIN))


def worth_of(changes: Mapping[str, list[Any]], after: Any) -> int:
    """How much more a learner can get by an edit: all of the reward if it can now be earned in another way."""
    if not after.published:
        return 0
    if {"published", "condition"} & set(changes):
        return int(after.xp_reward)
    old, new = changes.get("xp_reward", [0, 0])
    return max(0, new - old)


def worth_of_edits(actor: Any, *, since: datetime) -> int:
    """Of all edits that this person has made alone; those with a reason were approved, or restored what is shipped."""
    edits = Achievement.history.filter(history_user=actor.pk, history_date__gt=since, history_change_reason="")
    return sum(worth_of(edit.changes, edit) for edit in edits)


def request_edit(
    *,
    before: Achievement | None,
    after: Achievement,
    fields: Mapping[str, Any],
    actor: Any,
    at: datetime,
    grant: str = "",
) -> ApprovalRequest:
    """`fields` are those that change; of a new achievement all are kept. Once it is approved, it is granted to those
    who have earned it already where `grant` is "announced" or "quiet".
    """
    return request_approval(
        kind=KIND,
        subject=f"{KIND}:{after.achievement_id}",
        payload={**payload_of(before, after, fields), "grant": grant},
        xp=after.xp_reward,
        summary=f"{'Change of' if before else 'New achievement'} “{after}”: {after.xp_reward} XP, "
        f"{'published' if after.published else 'not published'}",
        actor=actor,
        at=at,
    )


def _grant(achievement: Achievement, request: ApprovalRequest, how: str, at: datetime) -> str:
    """Neither who asked nor who approves gets it by this."""
    quiet, asker, others = how == QUIETLY, request.requested_by, [request.decided_by_id]
    granted = grant_or_request(achievement, quiet=quiet, actor=asker, at=at, also_without=others)
    if isinstance(granted, ApprovalRequest):
        return f"Request {granted.pk} asks to grant it."
    return f"Job {granted.pk} grants it."


@register
class AchievementKind(ApprovalKind):
    name, label, permission = KIND, "Achievement", "gamification.change_achievement"

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:
        with because(f"Approval of request {request.pk}"):
            achievement = saved_row(Achievement, request)
        saved = f"The achievement “{achievement.achievement_id}” is saved."
        if how := GRANTS.get(request.payload.get("grant", "")):
            return {"done": f"{saved} {_grant(achievement, request, how, at)}"}
        return {"done": saved}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:  # noqa: ARG002
        before = Achievement.objects.filter(pk=request.payload["id"]).first()
        after = try_out(lambda: saved_row(Achievement, request))
        how = GRANTS.get(request.payload.get("grant", ""))
        was = f" (now {before.xp_reward})" if before else ""
        return [
            f"It pays {after.xp_reward} XP{was} to each learner who earns it.",
            f"It is earned by: {in_words(after.condition)}.",
            "It is published." if after.published else "It is not published.",
            *([f"Then it is granted {how} to those who have earned it."] if how else []),
            *(f"{name} becomes {value!r}." for name, value in request.payload["fields"].items() if before),
        ]
