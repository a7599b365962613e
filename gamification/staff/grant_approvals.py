"""Granting an achievement to all who have earned it: with more XP in all than one person may give it takes two people.

Neither who asks nor who approves gets it by the grant; they earn it as everybody does, by their next completion.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from approvals.errors import RequestOutdated
from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from approvals.services import is_above_limit, request_approval
from catalogues.editing import fingerprint
from gamification.errors import NotPublished
from gamification.models import Achievement, Earnable
from jobs.models import Job

from .backfill_jobs import start_backfill
from .earners import earners_of

KIND = "grant"


@transaction.atomic
def grant_or_request(
    owner: Earnable, *, quiet: bool, actor: Any, at: datetime, also_without: Sequence[int] = ()
) -> Job | ApprovalRequest:
    """Start the job that grants it, or request it where a second person has to approve it."""
    without = [actor.pk, *also_without]
    earners = earners_of(owner, without=without, at=at)
    if not is_above_limit(earners.xp):
        return start_backfill(owner, quiet=quiet, actor=actor, at=at, without=without)
    return request_approval(
        kind=KIND,
        subject=f"achievement:{owner.achievement_id}",
        payload={"id": owner.pk, "shown": fingerprint(owner), "quiet": quiet},
        xp=earners.xp,
        summary=f"Grant “{owner}” to {earners.count_in_words} learners ({earners.xp_in_words} XP in all)",
        actor=actor,
        at=at,
    )


@register
class GrantKind(ApprovalKind):
    name, label, permission = KIND, "Grant of an achievement", "gamification.change_achievement"

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:
        without = [request.requested_by_id, request.decided_by_id]
        job = start_backfill(
            _achievement_of(request),
            quiet=request.payload["quiet"],
            actor=request.requested_by,
            at=at,
            without=without,
        )
        return {"job": job.pk, "done": f"Job {job.pk} grants it."}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:
        achievement = _achievement_of(request)
        earners = earners_of(achievement, without=[request.requested_by_id], at=at)
        return [
            (
                f"{earners.count_in_words} learners get “{achievement}” now, {achievement.xp_reward} XP each: "
                f"{earners.xp_in_words} XP in all."
            ),
            "It is granted quietly." if request.payload["quiet"] else "It is announced to them.",
            "Neither who asked nor who approves gets it by this.",
        ]


def _achievement_of(request: ApprovalRequest) -> Achievement:
    """Raise RequestOutdated or NotPublished."""
    achievement = Achievement.objects.filter(pk=request.payload["id"]).first()
    if achievement is None or fingerprint(achievement) != request.payload["shown"]:
        raise RequestOutdated
    if not achievement.published:
        raise NotPublished
    return achievement
