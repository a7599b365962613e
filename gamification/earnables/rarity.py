"""The percentage of learners who hold each achievement, without test learners.

Unlocks do not update it, since all learners would then wait for one another's lock. It is counted by a request, when
the last count is older than settings.RARITY_AGE.
"""

from datetime import datetime

from django.conf import settings
from django.db.models import Count

from gamification.models import Achievement, HolderCounts, LearnerKind, LearnerProfile, Unlock

SINGLETON_ID = 1


def rarity_now(at: datetime) -> HolderCounts:
    """The counts of holders, at most settings.RARITY_AGE old."""
    counts, _ = HolderCounts.objects.get_or_create(pk=SINGLETON_ID)
    # `abs`: the clock may have been set back since.
    if counts.as_of is None or abs(at - counts.as_of) >= settings.RARITY_AGE:
        # Of several requests that find it too old, one claims the count; the others use the old numbers.
        claimed = HolderCounts.objects.filter(pk=SINGLETON_ID, as_of=counts.as_of).update(as_of=at)
        if claimed:
            _count(counts, at)
    return counts


def percent_of(counts: HolderCounts, achievement: Achievement) -> float:
    """The share of learners who hold it, from 0 to 100, rounded to two decimals."""
    if not counts.learners:
        return 0.0
    return round(100 * counts.holders.get(str(achievement.pk), 0) / counts.learners, 2)


def _count(counts: HolderCounts, at: datetime) -> None:
    real = LearnerProfile.objects.exclude(kind=LearnerKind.TEST)
    holders = Unlock.objects.held().filter(learner__profile__in=real).order_by().values_list("achievement_id")
    counts.as_of, counts.learners = at, real.count()
    counts.holders = {str(achievement_id): number for achievement_id, number in holders.annotate(Count("pk"))}
    counts.save()
