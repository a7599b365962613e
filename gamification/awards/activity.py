"""What a learner does beside completing levels: check in, protect a day with a freeze, have achievements checked."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from gamification.earnables import unlocking
from gamification.earnables.unlocking import Earned
from gamification.models import LearnerProfile, LedgerEntry, Trust
from gamification.pricing.progression import PlayerLevel, player_level_at
from gamification.streaks.local_dates import record_local_time
from gamification.streaks.recording import freeze_today
from gamification.streaks.runs import Action

from .batch import award_batch


@dataclass(frozen=True)
class CheckIn:
    """What a check-in did to the streak (`action`), and what it unlocked."""

    profile: LearnerProfile
    action: Action
    earned: Earned
    entries: list[LedgerEntry]


@dataclass(frozen=True)
class AchievementCheck:
    """What a check of all conditions unlocked and paid."""

    profile: LearnerProfile
    earned: Earned
    entries: list[LedgerEntry]
    before: PlayerLevel
    after: PlayerLevel

    @property
    def total_awarded_xp(self) -> int:
        return sum(entry.delta for entry in self.entries)

    @property
    def level_up(self) -> bool:
        return self.after.level > self.before.level


@transaction.atomic
def check_in(learner_id: int, *, at: datetime) -> CheckIn:
    """Record activity for today: it keeps the streak and may unlock what a streak unlocks, but pays no bonus.

    Raise LearnerErased.
    """
    with award_batch(learner_id, at=at) as batch:
        reward = batch.check_in(at, trust=Trust.REPORTED)
    earned = Earned(reward.unlocked_achievements, reward.unlocked_badges)
    return CheckIn(batch.profile, reward.streak.action, earned, reward.entries)


@transaction.atomic
def protect_today(learner_id: int, *, at: datetime) -> LearnerProfile:
    """Use a freeze for today in advance; a second call on the same day changes nothing.

    Raise NoFreezesLeft or LearnerErased.
    """
    with award_batch(learner_id, at=at) as batch:
        before = batch.values()
        freeze_today(batch.days, record_local_time(batch.profile, at).date())
        batch.credit_with_unlocks([], before=before, earned_at=at, trust=Trust.REPORTED)
    return batch.profile


@transaction.atomic
def check_achievements(learner_id: int, *, at: datetime) -> AchievementCheck:
    """Evaluate everything published that the learner never had, and pay what holds. Raise LearnerErased."""
    with award_batch(learner_id, at=at) as batch:
        profile, rules = batch.profile, batch.rules
        before = player_level_at(profile.total_xp, rules)
        earned = unlocking.earn_all(profile, rules, at=at)
        entries = batch.credit([], earned, earned_at=at, trust=Trust.REPORTED) if earned else []
    return AchievementCheck(profile, earned, entries, before, player_level_at(profile.total_xp, rules))
