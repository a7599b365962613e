"""What a server reads about a learner: totals, streak, achievements and badges."""

from dataclasses import dataclass
from datetime import datetime

from gamification.awards import PlayerLevel, player_level, profile_of
from gamification.models import BadgeAward, LearnerProfile, Unlock
from gamification.streaks import StreakStatus, streak_status
from skillquest.accounts.models import User

from .learners import found_learner


@dataclass(frozen=True)
class LearnerStatus:
    user: User
    profile: LearnerProfile
    rank: PlayerLevel
    streak: StreakStatus
    achievements: list[Unlock]
    badges: list[BadgeAward]


def read_learner(external_id: str, *, is_test: bool, at: datetime) -> LearnerStatus:
    """The number of statements is constant. Raises LearnerNotFound, LearnerDeactivated and LearnerErased."""
    person = found_learner(external_id, is_test=is_test, at=at)
    profile = getattr(person, "profile", None) or profile_of(person)
    unlocks = Unlock.objects.held().filter(learner=person.pk).select_related("achievement")
    badges = BadgeAward.objects.held().filter(learner=person.pk).select_related("badge")
    return LearnerStatus(
        user=person,
        profile=profile,
        rank=player_level(profile.total_xp),
        streak=streak_status(profile, at=at),
        achievements=list(unlocks.order_by("-earned_at", "-pk")),
        badges=list(badges.order_by("-awarded_at", "-pk")),
    )
