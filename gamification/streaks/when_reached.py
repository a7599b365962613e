"""When learners reached a number of active days, a length of a streak or a number of freezes used, by their rows."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet

from gamification.conditions.schema import Leaf
from gamification.models import ActivityDay, DayKind, FreezeEvent, LearnerProfile
from gamification.pricing.rules import Rules
from gamification.profiles.thresholds import Reached, Source, ids_of, nth_of_each, reached_by_sources

from .local_dates import end_of, load_zone_changes
from .runs import Calendar
from .skipped_dates import SkippedDates


def of_streaks(profiles: list[LearnerProfile], thresholds: Iterable[Leaf], rules: Rules) -> Reached:
    return reached_by_sources(SOURCES, profiles, thresholds, rules)


def _by_freezes(profiles: list[LearnerProfile], count: int, _rules: Rules) -> dict[int, datetime]:
    used = FreezeEvent.objects.filter(learner__in=ids_of(profiles), kind=FreezeEvent.Kind.USED)
    return nth_of_each(used.order_by("learner", "created_at").values_list("learner_id", "created_at"), count)


def _by_active_days(profiles: list[LearnerProfile], count: int, _rules: Rules) -> dict[int, datetime]:
    active = [(row.learner_id, row) for row in _rows(profiles) if row.kind == DayKind.ACTIVE]
    return _moments(profiles, nth_of_each(active, count))


def _by_run(profiles: list[LearnerProfile], length: int, _rules: Rules) -> dict[int, datetime]:
    """By the day on which the learner's first run of that length had as many active days."""
    load_zone_changes(profiles)
    found: dict[int, ActivityDay] = {}
    for profile, rows in _rows_by_learner(profiles):
        by_date = {row.date: row for row in rows}
        calendar = Calendar({row.date: row.kind for row in rows}, SkippedDates(profile))
        runs = map(calendar.active_in, calendar.stretches())
        reached = next((days[length - 1] for days in runs if len(days) >= length), None)
        if reached:
            found[profile.pk] = by_date[reached]
    return _moments(profiles, found)


def _rows_by_learner(profiles: list[LearnerProfile]) -> Iterator[tuple[LearnerProfile, list[ActivityDay]]]:
    by_id = {profile.pk: profile for profile in profiles}
    for learner_id, rows in groupby(_rows(profiles), key=lambda row: row.learner_id):
        yield by_id[learner_id], list(rows)


def _rows(profiles: list[LearnerProfile]) -> QuerySet[ActivityDay]:
    return ActivityDay.objects.filter(learner__in=ids_of(profiles)).order_by("learner", "date")


def _moments(profiles: list[LearnerProfile], rows: dict[int, ActivityDay]) -> dict[int, datetime]:
    """When the day was recorded or, for one that was recorded later, when it ended (in the learner's present zone)."""
    zones = {profile.pk: profile.time_zone for profile in profiles}
    return {learner_id: min(row.recorded_at, end_of(row.date, zones[learner_id])) for learner_id, row in rows.items()}


SOURCES: dict[str, Source] = {
    "freezes_used": _by_freezes,
    "active_days": _by_active_days,
    "longest_streak": _by_run,
    "current_streak": _by_run,
}
