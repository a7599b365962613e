"""Applying amnesties to the learners whose streak had not run out, in batches that can be stopped and continued."""

import math
import time
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from gamification.awards.batch import AwardBatch, award_batches
from gamification.earnables.unlocking import Values, values_of
from gamification.models import Amnesty, AppliedAmnesty, LearnerProfile, LedgerEntry, Trust
from gamification.profiles.totals import save_totals
from gamification.rule_sets.publishing import published_rules
from gamification.streaks import pardons
from gamification.streaks.local_dates import load_zone_changes
from gamification.streaks.pending_days import PendingDays, StoredDays, write_days

BATCH = 200  # learners a transaction
# Metrics that an amnesty can raise, which may unlock something.
STREAK_METRICS = ("current_streak", "longest_streak")


def apply_amnesties(*, at: datetime, patience: float = math.inf) -> int:
    """Write the missing pardoned days of running streaks; return how many learners were dealt with.

    No batch begins after `patience` seconds; the next call continues.
    """
    began, done, after = time.monotonic(), 0, 0
    while time.monotonic() - began < patience:
        learner_ids = next_concerned(after)
        if not learner_ids:
            break
        apply_to(learner_ids, at)
        done, after = done + len(learner_ids), learner_ids[-1]
    return done


def concerned() -> QuerySet[LearnerProfile]:
    """Learners who still lack an amnesty that began before their streak ran out; nothing is written for erased ones."""
    amnesties = Amnesty.objects.standing().filter(
        number__gt=OuterRef("amnesties_applied"), starts_at__lt=OuterRef("streak_expires_at")
    )
    return LearnerProfile.objects.filter(Exists(amnesties), erased_at=None)


def next_concerned(after: int) -> list[int]:
    return list(concerned().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def apply_to(learner_ids: Sequence[int], at: datetime) -> list[AppliedAmnesty]:
    """Apply them with few statements for all learners, and return what that has changed.

    Profiles are locked in the order of their ids, as everywhere.
    """
    profiles = list(LearnerProfile.objects.locked_with_rules().filter(pk__in=learner_ids).order_by("pk"))
    if not profiles:
        return []
    before = values_by_learner(profiles, at)
    applied = pardon_in_memory(profiles, pardons.amnesties_above(min(each.amnesties_applied for each in profiles)), at)
    with award_batches(profiles, {}, at=at) as batches:
        for new in applied:
            unlock_in_memory(new, before, batches)
    save_totals(profiles, LearnerProfile.STREAK_TOTALS, at=at)
    write_days(applied)
    return [effect for new in applied for effect in new.effects]


def values_by_learner(profiles: Sequence[LearnerProfile], at: datetime) -> dict[int, Values]:
    rules = published_rules()
    return {profile.pk: values_of(profile, rules, at) for profile in profiles}


def pardon_in_memory(
    profiles: Sequence[LearnerProfile], amnesties: Sequence[Amnesty], at: datetime
) -> list[PendingDays]:
    """What the amnesties that each learner lacks change in their days."""
    load_zone_changes(profiles)
    stored = StoredDays(profiles)
    applied = [PendingDays(profile, at, stored) for profile in profiles]
    for new in applied:
        missing = [amnesty for amnesty in amnesties if amnesty.number > new.profile.amnesties_applied]
        pardons.apply(new, amnesties=missing)
    return applied


def unlock_in_memory(new: PendingDays, before: dict[int, Values], batches: dict[int, AwardBatch]) -> list[LedgerEntry]:
    """Credit what a streak unlocks that became longer; the block of the batches writes it."""
    batch, values = batches[new.profile.pk], before[new.profile.pk]
    now = batch.values()
    if not any(now[metric] > values[metric] for metric in STREAK_METRICS):
        return []
    earned, entries = batch.credit_with_unlocks([], before=values, earned_at=new.at, trust=Trust.REPORTED)
    for effect in new.effects:
        effect.has_earned = bool(earned)
    return entries
