"""What an amnesty has changed for one learner: how it is seen whether something depends on it, and taking it back."""

import hashlib
import json
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, NamedTuple

from gamification.models import AppliedAmnesty, DayKind, LearnerProfile

from .local_dates import local_date
from .pending_days import PendingDays
from .refreshing import refresh_streak
from .runs import Calendar
from .skipped_dates import SkippedDates

STATE = ["last_sequence", "active_days", "levels_completed", "achievements_unlocked", "freezes_available", "counters"]


class Numbers(NamedTuple):
    """`current` as of the local date; the last run may have run out."""

    current: int
    run: int
    longest: int
    freezes: int


def numbers_of(days: PendingDays) -> Numbers:
    profile = days.profile
    current = profile.current_streak(local_date(profile, days.at))
    return Numbers(current, profile.streak_run, profile.longest_streak, profile.freezes_available)


def hash_behind(days: PendingDays, pardoned: Collection[date]) -> str:
    """A hash of the days from the first of these pardoned ones on, as far as no missed date separates them from it.

    What was active there, or protected by a freeze, would have come to something else without the pardoned days.
    """
    rows = [(day.isoformat(), days.kinds[day], days.is_completed(day)) for day in _days_behind(days, set(pardoned))]
    return _hash(rows)


def hash_state(profile: LearnerProfile) -> str:
    """A hash of the totals that change when anything is recorded; of those, amnesties change only the freezes."""
    return _hash([getattr(profile, name) for name in STATE])


def _hash(values: list[Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _days_behind(days: PendingDays, pardoned: set[date]) -> Iterator[date]:
    for stretch in Calendar(days.kinds, SkippedDates(days.profile)).stretches():
        if first := next((day for day in stretch if day in pardoned), None):
            yield from (day for day in stretch if day >= first)


def depends_on(effect: AppliedAmnesty, days: PendingDays) -> bool:
    """Whether the learner has used what the amnesty gave, so that undoing it would not restore what would have been."""
    if effect.has_earned or effect.behind != hash_behind(days, effect.dates):
        return True
    has_acted = effect.state != hash_state(days.profile)
    return has_acted and (effect.has_given or _gives(effect, days))


def _gives(effect: AppliedAmnesty, days: PendingDays) -> bool:
    """Whether the streak is longer today, or alive, because of it."""
    without = days.copy()
    take_back(effect, without)
    return numbers_of(without) != numbers_of(days)


def take_back(effect: AppliedAmnesty, days: PendingDays) -> None:
    """In memory; nobody depends on it."""
    for day in effect.dates:
        days.kinds.pop(day)
    days.kinds.update(dict.fromkeys(map(date.fromisoformat, effect.frozen), DayKind.FROZEN))
    days.profile.freezes_available -= len(effect.returned)
    refresh_streak(days.profile, days.kinds)
