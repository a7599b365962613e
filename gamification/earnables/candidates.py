"""Which learners have earned an achievement or badge: its condition as one query.

`conditions.engine.holds` evaluates it for one learner; a test compares the two.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from gamification.conditions.schema import Leaf, leaf_of
from gamification.models import Achievement, BadgeAward, Earnable, LearnerProfile, Unlock
from gamification.pricing.progression import level_begins_at
from gamification.pricing.rules import Rules

from .unlocking import COLUMNS

NOBODY = Q(pk__in=[])


def would_earn(owner: Earnable, rules: Rules, *, at: datetime) -> QuerySet[LearnerProfile]:
    """Active learners for whom the condition holds now and who never had it; a revoked one counts as having had it."""
    if owner.condition is None:
        return LearnerProfile.objects.none()
    learners = LearnerProfile.objects.filter(query_of(owner.condition, rules, at), user__is_active=True, erased_at=None)
    if owner.pk is None:
        return learners
    return learners.exclude(Exists(ever_held(owner).filter(learner=OuterRef("pk"))))


def ever_held(owner: Earnable) -> QuerySet[Unlock] | QuerySet[BadgeAward]:
    """Its unlocks or awards, revoked ones included."""
    if isinstance(owner, Achievement):
        return Unlock.objects.filter(achievement=owner)
    return BadgeAward.objects.filter(badge=owner)


def query_of(condition: dict, rules: Rules, at: datetime, *, percent: int = 100) -> Q:
    """`percent` of each threshold are enough."""
    for group, connector in (("all", Q.AND), ("any", Q.OR)):
        if group in condition:
            parts = [query_of(part, rules, at, percent=percent) for part in condition[group]]
            return Q(*parts, _connector=connector)
    return _leaf_query(leaf_of(condition), rules, at, percent)


def _leaf_query(leaf: Leaf, rules: Rules, at: datetime, percent: int) -> Q:
    if leaf.metric == "level":
        begins_at = level_begins_at(leaf.threshold, rules)
        return NOBODY if begins_at is None else Q(total_xp__gte=_share(begins_at, percent))
    column = COLUMNS.get(leaf.metric, f"counters__{leaf.metric}")
    reached = Q(**{f"{column}__gte": _share(leaf.threshold, percent)})
    return reached & Q(streak_expires_at__gt=at) if leaf.metric == "current_streak" else reached


def _share(threshold: int, percent: int) -> int:
    """Rounded up."""
    return -(-threshold * percent // 100)
