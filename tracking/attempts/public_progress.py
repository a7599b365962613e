"""What others may see of a learner: a standing and what was achieved, never when, where or how they learn."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from gamification.awards import player_level
from gamification.errors import LearnerNotFound
from gamification.models import BadgeAward, LearnerProfile, public_name
from levels.choices import Kind
from tracking.models import Completion, LearningSession

from .services import Attempt, attempt_of

RECENT = 5


@dataclass(frozen=True)
class PublicProgress:
    """`next_level_xp` is the total at which the next level begins; None at the highest."""

    user_id: int
    username: str
    total_xp: int
    level: int
    next_level_xp: int | None
    total_challenges_completed: int
    total_badges: int
    recent_attempts: list[Attempt]


def show_progress(learner_id: int, *, viewer_id: int, at: datetime) -> PublicProgress:
    """The same refusal for learners who opted out, are deactivated or were never there. Raise LearnerNotFound."""
    is_me = learner_id == viewer_id
    profile = find_profile(learner_id, viewer_id=viewer_id)
    rank = player_level(profile.total_xp)
    challenges = Completion.objects.passed_levels(learner_id).filter(level__kind=Kind.CHALLENGE)
    return PublicProgress(
        user_id=learner_id,
        username=profile.user.username if is_me else public_name(learner_id, profile.user.display_name),
        total_xp=profile.total_xp,
        level=rank.level,
        next_level_xp=rank.next_level_at,
        total_challenges_completed=challenges.aggregate(levels=Count("level", distinct=True))["levels"],
        total_badges=BadgeAward.objects.held().filter(learner=learner_id).count(),
        recent_attempts=recent_attempts(learner_id, with_failures=is_me, at=at),
    )


def find_profile(learner_id: int, *, viewer_id: int) -> LearnerProfile:
    if learner_id == viewer_id:
        return LearnerProfile.objects.of(learner_id)
    profile = LearnerProfile.objects.visible_to(viewer_id).select_related("user").filter(pk=learner_id).first()
    if profile is None:
        raise LearnerNotFound
    return profile


def recent_attempts(learner_id: int, *, with_failures: bool, at: datetime) -> list[Attempt]:
    """The last submitted attempts. Other people are not shown the failed ones."""
    submitted = LearningSession.objects.ended().filter(learner=learner_id, level__kind=Kind.CHALLENGE)
    if not with_failures:
        submitted = submitted.filter(completion__passed=True, completion__held=False)
    return [attempt_of(each, at=at) for each in submitted.select_related("completion").newest_first()[:RECENT]]
