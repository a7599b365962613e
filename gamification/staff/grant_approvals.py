"""Granting an achievement to all who have earned it: with more XP in all than one person may give it takes two people.

Neither who asks nor who approves gets it by the grant; they earn it as everybody does, by their next completion.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from approvals.errors import RequestOutdated
from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from approvals.services import is_above_limit, request_approval
from catalogues.editing import fingerprint
from gamification.earnables.candidates import would_earn
from gamification.errors import NotPublished
from gamification.models import Achievement, Earnable
from gamification.rule_sets.publishing import published_rules
from jobs.models import Job

from .backfill_jobs import start_backfill

KIND = "grant"


def cost_of(owner: Earnable, *, without: list[int], at: datetime) -> tuple[int, int]:
    """To how many learners it would be granted, and for how much XP in all."""
    learners = would_earn(owner, published_rules(), at=at).exclude(pk__in=without).count()
    return learners, learners * owner.xp_reward if isinstance(owner, Achievement) else 0


@transaction.atomic
def grant_or_request(owner: Earnable, *, quiet: bool, actor: Any, at: datetime) -> Job | ApprovalRequest:
    """Start the job that grants it, or request it where a second person has to approve it."""
    learners, xp = cost_of(owner, without=[actor.pk], at=at)
    if not is_above_limit(xp):
        return start_backfill(owner, quiet=quiet, actor=actor, at=at, without=[actor.pk])
    return request_approval(
        kind=KIND,
        subject=f"achievement:{owner.achievement_id}",
        payload={"id": owner.pk, "shown": fingerprint(owner), "quiet": quiet},
        xp=xp,
        summary=f"Grant “{owner}” to {learners} learners ({xp} XP in all)",
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
        learners, xp = cost_of(achievement, without=[request.requested_by_id], at=at)
        return [
            f"{learners} learners get “{achievement}” now, {achievement.xp_reward} XP each: {xp} XP in all.",
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
