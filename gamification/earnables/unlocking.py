"""Which achievements and badges a learner has earned by a completion or another change of their metrics.

Only a condition with a threshold between the old and the new value of a metric can have begun to hold. The database
finds those through `Requirement`, whatever the catalogue's size; the engine evaluates them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from gamification.conditions.engine import holds
from gamification.models import Achievement, Badge, BadgeAward, Earnable, LearnerProfile, Requirement, Unlock
from gamification.pricing.progression import level_at
from gamification.pricing.rules import Rules
from hotsql.querysets import Prepared

Values = dict[str, int]
# Metrics that an unlock itself raises, so that it may unlock more.
MOVED_BY_UNLOCKS = ["xp", "level", "achievements_unlocked"]
COLUMNS = {
    "xp": "total_xp",
    "levels_completed": "levels_completed",
    "achievements_unlocked": "achievements_unlocked",
    "active_days": "active_days",
    "current_streak": "streak_run",
    "longest_streak": "longest_streak",
}


@dataclass
class Earned:
    """In the order in which they were earned."""

    achievements: list[Achievement] = field(default_factory=list)
    badges: list[Badge] = field(default_factory=list)
    known: set[Achievement | Badge] = field(default_factory=set, repr=False, compare=False)  # both, for look-ups

    def add(self, owner: Achievement | Badge) -> None:
        self.known.add(owner)
        if isinstance(owner, Badge):
            self.badges.append(owner)
        else:
            self.achievements.append(owner)

    def __bool__(self) -> bool:
        return bool(self.achievements or self.badges)


def values_of(profile: LearnerProfile, rules: Rules, at: datetime) -> Values:
    """Every metric of the learner, as stored in `profile`; an expired streak counts as 0."""
    values = profile.counters | {metric: getattr(profile, column) for metric, column in COLUMNS.items()}
    if profile.streak_expires_at is None or profile.streak_expires_at <= at:
        values["current_streak"] = 0
    values["level"] = level_at(profile.total_xp, rules)
    return values


class Unearned:
    """What a learner never had; each call queries the database."""

    def __init__(self, learner_id: int) -> None:
        self.learner_id = learner_id

    def crossed(self, before: Values, after: Values) -> list[Requirement]:
        """Requirements whose threshold lies above the old and not above the new value of a metric."""
        crossings = []
        for metric, value in after.items():
            if value > (old := before.get(metric, 0)):
                crossings += [metric, old, value]
        return _find_crossed(self.learner_id, *crossings) if crossings else []

    def reachable(self, reached: Values) -> list[Requirement]:
        """Thresholds above `reached`, the values of MOVED_BY_UNLOCKS, as far as unlocks can lead."""
        return _find_reachable(self.learner_id, *(reached[metric] for metric in MOVED_BY_UNLOCKS))


def earn(
    profile: LearnerProfile,
    before: Values,
    rules: Rules,
    *,
    gained: int,
    at: datetime,
    unearned: Unearned | None = None,
) -> Earned:
    """What the learner has earned since the values were `before`, with `gained` XP that is not yet in the total.

    The caller writes it; `profile` is not changed. One statement when nothing is earned, one more however much is.
    """
    values = values_of(profile, rules, at)
    _gain(values, gained, rules)
    reached = {metric: values[metric] for metric in MOVED_BY_UNLOCKS}
    earned, unearned = Earned(), unearned or Unearned(profile.pk)
    judge(_owners(unearned.crossed(before, values)), values, earned, rules)
    if earned.achievements:
        # Their XP may unlock more. Everything it can reach is read at once, however long the chain.
        cascade(unearned.reachable(reached), values, earned, rules)
    return earned


def earn_all(profile: LearnerProfile, rules: Rules, *, at: datetime) -> Earned:
    """Evaluate everything published that the learner never had, whichever metric changed."""
    earned = Earned()
    cascade(missing(profile.pk, Q()), values_of(profile, rules, at), earned, rules)
    return earned


def cascade(requirements: Iterable[Requirement], values: Values, earned: Earned, rules: Rules) -> None:
    """Evaluate each condition as soon as a threshold of it is reached, until no metric changes any more.

    A condition begins to hold when the last of its thresholds is reached, so each requirement is used once.
    """
    waiting = defaultdict(list)
    for row in sorted(requirements, key=lambda row: -row.threshold):
        waiting[row.metric].append(row)
    while reached := _take_reached(waiting, values):
        judge(_owners(reached), values, earned, rules)


def judge(owners: Iterable[Earnable], values: Values, earned: Earned, rules: Rules) -> None:
    """Add what holds to `earned` and its XP to `values`."""
    for owner in owners:
        if owner in earned.known or not holds(owner.condition, values):
            continue
        earned.add(owner)
        if isinstance(owner, Achievement):
            values["achievements_unlocked"] += 1
            _gain(values, owner.xp_reward, rules)


def published_requirements(condition: Q) -> QuerySet[Requirement]:
    """Requirements of published achievements and badges, with their owners, in one statement."""
    published = Q(achievement__published=True) | Q(badge__published=True)
    return Requirement.objects.filter(condition).filter(published).select_related("achievement", "badge")


def unlocks(
    profile: LearnerProfile, earned: Earned, *, earned_at: datetime, at: datetime, quiet: bool = False
) -> list[Unlock]:
    return [
        Unlock(
            learner_id=profile.pk,
            achievement=achievement,
            earned_at=earned_at,
            created_at=at,
            condition=achievement.condition,
            xp_reward=achievement.xp_reward,
            quiet=quiet,
        )
        for achievement in earned.achievements
    ]


def awards(profile: LearnerProfile, earned: Earned, *, earned_at: datetime, quiet: bool = False) -> list[BadgeAward]:
    return [
        BadgeAward(learner_id=profile.pk, badge=badge, awarded_at=earned_at, condition=badge.condition, quiet=quiet)
        for badge in earned.badges
    ]


def revoke(profile: LearnerProfile, achievement_id: str, *, at: datetime) -> None:
    """Take an achievement back: it counts no more, and is not earned a second time. The caller saves the profile."""
    held = Unlock.objects.held().filter(learner_id=profile.pk, achievement__achievement_id=achievement_id)
    profile.achievements_unlocked -= held.update(revoked_at=at)


def _take_reached(waiting: dict[str, list[Requirement]], values: Values) -> list[Requirement]:
    """`waiting` has each metric's rows with the nearest threshold last."""
    reached = []
    for metric, rows in waiting.items():
        while rows and rows[-1].threshold <= values.get(metric, 0):
            reached.append(rows.pop())
    return reached


def _gain(values: Values, amount: int, rules: Rules) -> None:
    values["xp"] += amount
    values["level"] = level_at(values["xp"], rules)


def _owners(requirements: Iterable[Requirement]) -> list[Achievement | Badge]:
    owners = {(row.achievement_id, row.badge_id): row.owner for row in requirements}
    return sorted(owners.values(), key=lambda owner: (isinstance(owner, Badge), owner.position, owner.pk))


def _crossed_rows(learner_id: int, *crossings) -> QuerySet[Requirement]:
    """`crossings` are metric, old value, new value, metric, …"""
    crossed = Q()
    for metric, old, new in zip(*[iter(crossings)] * 3, strict=True):
        crossed |= Q(metric=metric, threshold__gt=old, threshold__lte=new)
    return missing(learner_id, crossed)


def _reachable_rows(learner_id: int, xp: int, level: int, unlocked: int) -> QuerySet[Requirement]:
    """Requirements above these values that unlocks can reach; XP can grow by at most the sum of all rewards."""
    rewards = Achievement.objects.filter(published=True).order_by().values("published").annotate(all=Sum("xp_reward"))
    furthest = Value(xp) + Coalesce(Subquery(rewards.values("all")), 0)
    return missing(
        learner_id,
        Q(metric="xp", threshold__gt=xp, threshold__lte=furthest)
        | Q(metric="level", threshold__gt=level)
        | Q(metric="achievements_unlocked", threshold__gt=unlocked),
    )


def missing(learner_id: int, condition: Q) -> QuerySet[Requirement]:
    """Requirements of what the learner never had; what was revoked is not earned again."""
    has_it = Exists(Unlock.objects.filter(learner_id=learner_id, achievement_id=OuterRef("achievement_id")))
    has_badge = Exists(BadgeAward.objects.filter(learner_id=learner_id, badge_id=OuterRef("badge_id")))
    return published_requirements(condition).exclude(has_it).exclude(has_badge)


_find_crossed, _find_reachable = Prepared(_crossed_rows), Prepared(_reachable_rows)
