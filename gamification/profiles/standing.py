"""Where a learner stands: the profile, and the player level of a total."""

from gamification.models import LearnerProfile
from gamification.pricing.progression import PlayerLevel, player_level_at
from gamification.rule_sets.publishing import published_rules


def profile_of(user) -> LearnerProfile:
    """The profile of a user; created first for people who have none yet (staff)."""
    return LearnerProfile.objects.of(user.pk)


def player_level(total_xp: int) -> PlayerLevel:
    """The player level by the rule set now in force."""
    return player_level_at(total_xp, published_rules())
