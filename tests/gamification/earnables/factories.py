"""Achievements and badges for tests, and conditions out of Hypothesis."""

import factory
from django.utils import timezone
from hypothesis import strategies as st

from gamification.conditions.metrics import built_in_names
from gamification.models import Achievement
from gamification.models.earnables import rewrite_requirements
from tests.factories import UserFactory

XP_1000 = {"type": "xp", "threshold": 1000}


def metric(name, threshold):
    return {"type": "metric", "name": name, "threshold": threshold}


class AchievementFactory(factory.django.DjangoModelFactory):
    """Its default condition, a million XP, holds for no learner by accident."""

    class Meta:
        model = "gamification.Achievement"

    achievement_id = factory.Sequence(lambda number: f"achievement-{number}")
    name = factory.Sequence(lambda number: f"Achievement {number}")
    description = "Do something great"
    category = "testing"
    condition = factory.LazyFunction(lambda: {"type": "xp", "threshold": 1_000_000})


class UnlockFactory(factory.django.DjangoModelFactory):
    """Unlocked now, by the condition and for the reward that the achievement has now."""

    class Meta:
        model = "gamification.Unlock"

    learner = factory.SubFactory(UserFactory)
    achievement = factory.SubFactory(AchievementFactory)
    earned_at = factory.LazyFunction(timezone.now)
    created_at = factory.SelfAttribute("earned_at")
    condition = factory.SelfAttribute("achievement.condition")
    xp_reward = factory.SelfAttribute("achievement.xp_reward")


class BadgeFactory(factory.django.DjangoModelFactory):
    """Awarded by hand."""

    class Meta:
        model = "gamification.Badge"

    name = factory.Sequence(lambda number: f"Badge {number}")


def stock(built):
    """Save many achievements that were only built, in a few statements."""
    achievements = Achievement.objects.bulk_create(built)
    rewrite_requirements(achievements)
    return achievements


def conditions(names=None, most=20):
    """Valid ones: up to three levels of groups, thresholds from 2 to `most`."""
    numbers = st.integers(2, most)
    named = st.builds(metric, st.sampled_from(names or built_in_names()), numbers)
    short = st.one_of(
        st.builds(lambda n: {"type": "xp", "threshold": n}, numbers),
        st.builds(lambda n: {"type": "level", "level": n}, numbers),
        st.builds(lambda n: {"type": "consecutive_days", "days": n}, numbers),
        st.builds(lambda n: {"type": "attempt_count", "count": n, "status": "passed"}, numbers),
    )
    leaf = named if names else st.one_of(named, short)

    def group(part):
        return st.builds(
            lambda key, parts: {key: parts}, st.sampled_from(["all", "any"]), st.lists(part, min_size=1, max_size=3)
        )

    return st.one_of(leaf, group(leaf), group(st.one_of(leaf, group(leaf))))
