"""Which share of all learners has each achievement.

Derived and not counted along: a number that every unlock moves would make all learners wait for one another. It is
counted when somebody asks and the last count is older than settings.RARITY_AGE.
"""

from datetime import datetime

from django.conf import settings
from django.db.models import Count

from gamification.models import Achievement, HolderCounts, LearnerProfile, Unlock

THE_ROW = 1


def rarity_now(at: datetime) -> HolderCounts:
    counts, _ = HolderCounts.objects.get_or_create(pk=THE_ROW)
    # `abs`: the clock may have been set back since.
    if counts.as_of is None or abs(at - counts.as_of) >= settings.RARITY_AGE:
        # Of all who find it old one counts; its claim stands at once, so that nobody waits for the counting.
        claimed = HolderCounts.objects.filter(pk=THE_ROW, as_of=counts.as_of).update(as_of=at)
        if claimed:
            _count(counts, at)
    return counts


def percent_of(counts: HolderCounts, achievement: Achievement) -> float:
    """With two decimals."""
    if not counts.learners:
        return 0.0
    return round(100 * counts.holders.get(str(achievement.pk), 0) / counts.learners, 2)


def _count(counts: HolderCounts, at: datetime) -> None:
    holders = Unlock.objects.held().order_by().values_list("achievement_id").annotate(Count("pk"))
    counts.as_of, counts.learners = at, LearnerProfile.objects.count()
    counts.holders = {str(achievement_id): number for achievement_id, number in holders}
    counts.save()
