"""When a learner reached a threshold, as far as rows still tell.

Each metric is told by the app that keeps its rows (settings.METRIC_HISTORIES); this one knows the ledger, the days and
the unlocks. XP is dated by the line that lifted the balance; where lines were archived, by the line that carries them
forward. A threshold that no row explains (counters brought along from elsewhere) has no date.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils.module_loading import import_string

from gamification.conditions.engine import holds
from gamification.conditions.schema import Leaf, leaf_of, leaves
from gamification.models import ActivityDay, FreezeEvent, LearnerProfile, LedgerEntry, Unlock
from gamification.pricing.progression import level_begins_at
from gamification.pricing.rules import Rules
from gamification.streaks.local_dates import end_of, load_zone_changes
from gamification.streaks.runs import Calendar, Kind
from gamification.streaks.skipped_dates import SkippedDates

from .unlocking import Values

Reached = dict[tuple[int, Leaf], datetime]


def when_reached(profiles: list[LearnerProfile], condition: dict, rules: Rules) -> Reached:
    """(learner id, threshold) -> when, for what is known; a few statements, however many the learners."""
    asked = set(leaves(condition))
    found: Reached = {}
    for path in settings.METRIC_HISTORIES:
        found |= import_string(path)(profiles, asked, rules)
    return found


def earned_at(condition: dict, learner_id: int, values: Values, reached: Reached) -> datetime | None:
    """When a condition that holds began to hold, or None where that is not known."""
    if "all" in condition:
        dates = [earned_at(part, learner_id, values, reached) for part in condition["all"]]
        return None if None in dates else max(dates)
    if "any" in condition:
        held = [part for part in condition["any"] if holds(part, values)]
        dates = [earned_at(part, learner_id, values, reached) for part in held]
        return None if None in dates else min(dates)
    return reached.get((learner_id, leaf_of(condition)))


def of_gamification(profiles: list[LearnerProfile], asked: Iterable[Leaf], rules: Rules) -> Reached:
    reached: Reached = {}
    for leaf in asked:
        if leaf.metric in SOURCES:
            moments = SOURCES[leaf.metric](profiles, leaf.threshold, rules)
            reached |= {(learner_id, leaf): moment for learner_id, moment in moments.items()}
    return reached


def _by_xp(profiles: list[LearnerProfile], threshold: int | None, _rules: Rules) -> dict[int, datetime]:
    if threshold is None:
        return {}
    lines = LedgerEntry.objects.filter(learner=OuterRef("learner"), balance_after__gte=threshold)
    first = Subquery(lines.order_by("sequence").values("sequence")[:1])
    entries = LedgerEntry.objects.filter(learner__in=_ids(profiles), sequence=first)
    return dict(entries.values_list("learner_id", "effective_at"))


def _by_level(profiles: list[LearnerProfile], level: int, rules: Rules) -> dict[int, datetime]:
    return _by_xp(profiles, level_begins_at(level, rules), rules)


def _by_unlocks(profiles: list[LearnerProfile], count: int, _rules: Rules) -> dict[int, datetime]:
    unlocks = Unlock.objects.held().filter(learner__in=_ids(profiles)).order_by("learner", "earned_at")
    return _nth(unlocks.values_list("learner_id", "earned_at"), count)


def _by_freezes(profiles: list[LearnerProfile], count: int, _rules: Rules) -> dict[int, datetime]:
    used = FreezeEvent.objects.filter(learner__in=_ids(profiles), kind=FreezeEvent.Kind.USED)
    return _nth(used.order_by("learner", "created_at").values_list("learner_id", "created_at"), count)


def _by_active_days(profiles: list[LearnerProfile], count: int, _rules: Rules) -> dict[int, datetime]:
    active = [(row.learner_id, row) for row in _days(profiles) if row.kind == Kind.ACTIVE]
    return _moments(profiles, _nth(active, count))


def _by_run(profiles: list[LearnerProfile], length: int, _rules: Rules) -> dict[int, datetime]:
    """The first run of that many active days, and its last day."""
    load_zone_changes(profiles)
    found: dict[int, ActivityDay] = {}
    for profile, rows in _days_by_learner(profiles):
        by_date = {row.date: row for row in rows}
        calendar = Calendar({row.date: row.kind for row in rows}, SkippedDates(profile))
        active = map(calendar.active_in, calendar.stretches())
        reached = next((days[length - 1] for days in active if len(days) >= length), None)
        if reached:
            found[profile.pk] = by_date[reached]
    return _moments(profiles, found)


def _days_by_learner(profiles: list[LearnerProfile]) -> Iterator[tuple[LearnerProfile, list[ActivityDay]]]:
    by_id = {profile.pk: profile for profile in profiles}
    for learner_id, rows in groupby(_days(profiles), key=lambda row: row.learner_id):
        yield by_id[learner_id], list(rows)


def _days(profiles: list[LearnerProfile]):
    return ActivityDay.objects.filter(learner__in=_ids(profiles)).order_by("learner", "date")


def _moments(profiles: list[LearnerProfile], rows: dict[int, ActivityDay]) -> dict[int, datetime]:
    """When the day was recorded; for one that was told of later, its end (in the zone that is theirs now)."""
    zones = {profile.pk: profile.time_zone for profile in profiles}
    return {learner_id: min(row.recorded_at, end_of(row.date, zones[learner_id])) for learner_id, row in rows.items()}


def _nth(rows: Iterable[tuple[int, object]], count: int) -> dict:
    """`rows` are (learner id, something), in order; the `count`-th something of each learner who has as many."""
    found = {}
    for learner_id, group in groupby(rows, key=lambda row: row[0]):
        for number, (_, something) in enumerate(group, start=1):
            if number == count:
                found[learner_id] = something
    return found


def _ids(profiles: list[LearnerProfile]) -> list[int]:
    return [profile.pk for profile in profiles]


SOURCES: dict[str, Callable[[list[LearnerProfile], int, Rules], dict[int, datetime]]] = {
    "xp": _by_xp,
    "level": _by_level,
    "achievements_unlocked": _by_unlocks,
    "freezes_used": _by_freezes,
    "active_days": _by_active_days,
    "longest_streak": _by_run,
    "current_streak": _by_run,
}
