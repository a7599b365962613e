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
    return learners.exclude(Exists(ever_held(owner).filter(learner=OuterRef("pk"))))


def ever_held(owner: Earnable) -> QuerySet[Unlock] | QuerySet[BadgeAward]:
    """Its unlocks or awards, revoked ones included."""
    if isinstance(owner, Achievement):
        return Unlock.objects.filter(achievement=owner)
    return BadgeAward.objects.filter(badge=owner)


def query_of(condition: dict, rules: Rules, at: datetime) -> Q:
    if "all" in condition:
        return _joined([query_of(part, rules, at) for part in condition["all"]], Q.AND)
    if "any" in condition:
        return _joined([query_of(part, rules, at) for part in condition["any"]], Q.OR)
    return _leaf_query(leaf_of(condition), rules, at)


def _joined(parts: list[Q], connector: str) -> Q:
    return Q(*parts, _connector=connector)


def _leaf_query(leaf: Leaf, rules: Rules, at: datetime) -> Q:
    if leaf.metric == "level":
        begins_at = level_begins_at(leaf.threshold, rules)
        return NOBODY if begins_at is None else Q(total_xp__gte=begins_at)
    reached = Q(**{f"{COLUMNS.get(leaf.metric, f'counters__{leaf.metric}')}__gte": leaf.threshold})
    return reached & Q(streak_expires_at__gt=at) if leaf.metric == "current_streak" else reached
