"""A learner's progress by level and by session; the number of queries does not grow with the history."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from gamification.awards import player_level, profile_of
from gamification.models import LedgerEntry
from levels.models import Level, LevelQuerySet
from levels.prerequisites import prerequisites_of
from tracking.models import Completion, LearningSession
from tracking.recording.completions import subject_of


class LevelStatus(StrEnum):
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    COMPLETED = "completed"


STATUSES = [status.value for status in LevelStatus]


@dataclass(frozen=True)
class LevelResults:
    """What a learner's completions of one level add up to; `best_time` is in seconds, of those that passed.

    Results under different maximum scores are compared by their share of it: 90 of 100 is better than 850 of 1000.
    """

    best_score: int | None = None
    best_max_score: int | None = None
    best_time: int | None = None
    completions: int = 0
    times_passed: int = 0
    first_completed_at: datetime | None = None
    last_completed_at: datetime | None = None


@dataclass(frozen=True)
class LevelProgress:
    """`awarded_xp` is net of reversals.

    `missing` are the prerequisites that lock it; whoever has completed a level needs none to play it again.
    """

    level: Level
    status: LevelStatus
    results: LevelResults
    awarded_xp: int
    missing: list[Level]

    @property
    def is_available(self) -> bool:
        """It can be played now."""
        return self.status != LevelStatus.LOCKED


def progress_of(learner: Any, levels: Iterable[Level]) -> list[LevelProgress]:
    """The learner's progress on each of these published levels, in their order. `learner` may be a primary key."""
    levels = list(levels)
    required = prerequisites_of(levels)
    results = _results_of(learner, [*levels, *chain.from_iterable(required.values())])
    paid = _paid_by_subject(learner, levels)
    return [_progress(level, results, required[level.pk], paid.get(subject_of(level.pk), 0)) for level in levels]


def levels_summary(learner: Any, levels: LevelQuerySet) -> dict[str, Any]:
    """Counts over all of `levels`, whatever their number, in one statement, and the learner's XP and player level."""
    passed = Completion.objects.passed_levels(learner)
    counts = levels.aggregate(total_levels=Count("pk"), completed_levels=Count("pk", filter=Q(pk__in=passed)))
    total, completed = counts["total_levels"], counts["completed_levels"]
    return {**counts, "completion_percentage": completed * 100 // total if total else 0, **_standing(learner)}


def sessions_summary(learner: Any, at: datetime) -> dict[str, Any]:
    """Counts and times (in seconds) of all sessions, and the learner's XP and player level."""
    sessions = LearningSession.objects.filter(learner=learner)
    totals = sessions.aggregate(
        total_sessions=Count("pk"),
        completed_sessions=Count("pk", filter=Q(status=LearningSession.Status.ENDED)),
        total_time_spent=Sum("time_spent", default=0),
    )
    return {**totals, "active_sessions": sessions.active(at).count(), **_standing(learner)}


def _standing(learner: Any) -> dict[str, Any]:
    total_xp = profile_of(learner).total_xp
    standing = player_level(total_xp)
    return {"total_xp": total_xp, "level": standing.level, "title": standing.title}


def _results_of(learner: Any, levels: list[Level]) -> defaultdict[int, LevelResults]:
    """By primary key of the level."""
    passed = Q(passed=True)
    rows = (
        Completion.objects.counted()
        .filter(learner=learner, level__in=levels)
        .values("level_id", "max_score")
        .annotate(
            best_score=Max("score"),
            best_time=Min("time_spent", filter=passed),
            completions=Count("pk"),
            times_passed=Count("pk", filter=passed),
            first=Min("occurred_at", filter=passed),
            last=Max("occurred_at", filter=passed),
        )
    )
    by_level = defaultdict(list)
    for row in rows:
        by_level[row["level_id"]].append(row)
    return defaultdict(LevelResults, {level_id: _combined(rows) for level_id, rows in by_level.items()})


def _combined(rows: list[dict[str, Any]]) -> LevelResults:
    """The results of one level; `rows` have one entry for each maximum score that it has had."""
    best = max(rows, key=lambda row: (row["best_score"] / row["max_score"], row["best_score"]))
    return LevelResults(
        best_score=best["best_score"],
        best_max_score=best["max_score"],
        best_time=min((row["best_time"] for row in rows if row["best_time"] is not None), default=None),
        completions=sum(row["completions"] for row in rows),
        times_passed=sum(row["times_passed"] for row in rows),
        first_completed_at=min((row["first"] for row in rows if row["first"]), default=None),
        last_completed_at=max((row["last"] for row in rows if row["last"]), default=None),
    )


def _paid_by_subject(learner: Any, levels: list[Level]) -> dict[str, int]:
    subjects = [subject_of(level.pk) for level in levels]
    entries = LedgerEntry.objects.filter(learner=learner, subject__in=subjects).order_by()
    return dict(entries.values_list("subject").annotate(Sum("delta")))


def _progress(
    level: Level, results: defaultdict[int, LevelResults], required: list[Level], awarded_xp: int
) -> LevelProgress:
    own = results[level.pk]
    missing = [] if own.times_passed else [other for other in required if not results[other.pk].times_passed]
    return LevelProgress(level, _status(level, own, missing), own, awarded_xp, missing)


def _status(level: Level, results: LevelResults, missing: list[Level]) -> LevelStatus:
    if results.times_passed:
        return LevelStatus.COMPLETED
    is_available = level.is_available(has_passed=False, has_missing=bool(missing))
    return LevelStatus.UNLOCKED if is_available else LevelStatus.LOCKED
