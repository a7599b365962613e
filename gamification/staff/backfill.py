"""Granting an achievement or badge that was published or changed later to all who have earned it already.

It can be stopped and run again, since learners who have it are left out. Learners are handled in the order of their
ids, one chunk a transaction, with the same few statements however many they are.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gamification.awards.award_entries import achievement_entries
from gamification.conditions.engine import holds
from gamification.earnables import unlocking
from gamification.earnables.candidates import ever_held, would_earn
from gamification.earnables.unlocking import Earned, Values, values_of
from gamification.earnables.when_reached import earned_at, when_reached
from gamification.errors import NotPublished
from gamification.ledger.entries import NewEntry, credit_many
from gamification.models import (
    Achievement,
    BadgeAward,
    Earnable,
    LearnerProfile,
    LedgerEntry,
    Requirement,
    Trust,
    Unlock,
)
from gamification.pricing.rules import Rules
from gamification.rule_sets.publishing import published_rules

CHUNK = 200  # learners locked at once; their completions wait for it


@dataclass
class Grant:
    """What the backfill grants to one learner, together with what that unlocks.

    `moment` is when it was earned; where that is not known, it is the time of the backfill and `dated` is False.
    """

    profile: LearnerProfile
    earned: Earned
    moment: datetime
    dated: bool


@dataclass
class Granted:
    """The result of one chunk. The next one begins after the learner `last_id`; None when there are no more."""

    last_id: int | None
    grants: list[Grant] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)


def backfill(owner: Earnable, *, quiet: bool) -> Iterator[Granted]:
    """Grant it chunk by chunk; each chunk is committed before it is yielded. Raise NotPublished."""
    last_id = 0
    while last_id is not None:
        granted = grant_chunk(owner, after=last_id, quiet=quiet, at=timezone.now())
        yield granted
        last_id = granted.last_id


@transaction.atomic
def grant_chunk(owner: Earnable, *, after: int, quiet: bool, at: datetime, without: Sequence[int] = ()) -> Granted:
    """Grant it to the next learners with an id above `after`, except those in `without`. Raise NotPublished."""
    if not owner.published:
        raise NotPublished
    rules = published_rules()
    candidates = would_earn(owner, rules, at=at).filter(pk__gt=after).exclude(pk__in=without).order_by("pk")
    profiles = list(candidates.locked_with_rules()[:CHUNK])
    if not profiles:
        return Granted(last_id=None)
    grants = _grants(owner, _still_without(owner, profiles), rules, at)
    _write_grants(grants, quiet=quiet, at=at)
    new_entries = [(grant.profile, _entries_of(grant)) for grant in grants]
    return Granted(profiles[-1].pk, grants, credit_many(new_entries, at=at))


def _still_without(owner: Earnable, profiles: list[LearnerProfile]) -> list[LearnerProfile]:
    """Leave out learners who earned it by a completion while the lock was awaited."""
    have_it = set(ever_held(owner).filter(learner__in=[profile.pk for profile in profiles]).values_list("learner_id"))
    return [profile for profile in profiles if (profile.pk,) not in have_it]


def _grants(owner: Earnable, profiles: list[LearnerProfile], rules: Rules, at: datetime) -> list[Grant]:
    reached = when_reached(profiles, owner.condition, rules)
    waiting = _waiting_for_unlocks(owner, profiles)
    grants = []
    for profile in profiles:
        values = values_of(profile, rules, at)
        if not holds(owner.condition, values):
            continue
        moment = earned_at(owner.condition, profile.pk, values, reached)
        earned = _earned(owner, values, waiting[profile.pk], rules)
        grants.append(Grant(profile, earned, moment or at, dated=moment is not None))
    return grants


def _earned(owner: Earnable, values: Values, waiting: list[Requirement], rules: Rules) -> Earned:
    earned, before = Earned(), values.copy()
    unlocking.judge([owner], values, earned, rules)
    # Only what this grant brings into reach; the rest is for other backfills.
    unlocking.cascade((row for row in waiting if row.threshold > before[row.metric]), values, earned, rules)
    return earned


def _waiting_for_unlocks(owner: Earnable, profiles: list[LearnerProfile]) -> dict[int, list[Requirement]]:
    """For each learner: what the unlock, its XP or its level could unlock, and they never had."""
    if not isinstance(owner, Achievement):
        return defaultdict(list)
    rows = list(unlocking.published_requirements(Q(metric__in=unlocking.MOVED_BY_UNLOCKS)))
    ids = [profile.pk for profile in profiles]
    achievements = set(Unlock.objects.filter(learner__in=ids).values_list("learner_id", "achievement_id"))
    badges = set(BadgeAward.objects.filter(learner__in=ids).values_list("learner_id", "badge_id"))
    return {
        learner_id: [
            row
            for row in rows
            if (learner_id, row.achievement_id) not in achievements and (learner_id, row.badge_id) not in badges
        ]
        for learner_id in ids
    }


def _entries_of(grant: Grant) -> list[NewEntry]:
    """Which completion reached the condition is not known, so its trust is that of rows from before there was trust."""
    return achievement_entries(grant.earned.achievements, grant.moment, trust=Trust.REPORTED)


def _write_grants(grants: list[Grant], *, quiet: bool, at: datetime) -> None:
    unlocks, awards = [], []
    for grant in grants:
        grant.profile.achievements_unlocked += len(grant.earned.achievements)
        unlocks += unlocking.unlocks(grant.profile, grant.earned, earned_at=grant.moment, at=at, quiet=quiet)
        awards += unlocking.awards(grant.profile, grant.earned, earned_at=grant.moment, quiet=quiet)
    Unlock.objects.bulk_create(unlocks)
    BadgeAward.objects.bulk_create(awards)
