"""What a learner has done so far, level by level and session by session: few statements whatever the history."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q, Sum

from gamification.models import LedgerEntry
from gamification.profiles.standing import player_level, profile_of
from levels.choices import Kind
from levels.models import Level
from levels.prerequisites import prerequisites_of
from tracking.models import Completion, LearningSession
from tracking.recording.completions import subject_of

STATUSES = ["locked", "unlocked", "completed"]


@dataclass(frozen=True)
class LevelProgress:
    """`status` is one of STATUSES. `best_time` is in seconds, of the fastest passed completion; `awarded_xp` is net of
    reversals.
    """

    level: Level
    status: str
    best_score: int | None
    best_time: int | None
    completions: int
    awarded_xp: int
    first_completed_at: datetime | None
    last_completed_at: datetime | None
    missing: list[Level]


NOTHING_DONE = {"best_score": None, "best_time": None, "completions": 0, "times_passed": 0, "first": None, "last": None}


def progress_of(learner, levels) -> list[LevelProgress]:
    """`levels` is a queryset; modes count no progress and are left out."""
    return lines_of(learner, levels.exclude(kind=Kind.MODE))


def lines_of(learner, levels) -> list[LevelProgress]:
    """The same, modes included."""
    done = _done_by_level(learner)
    paid = _paid_by_subject(learner)
    passed = {level_id for level_id, facts in done.items() if facts["times_passed"]}
    needed = prerequisites_of(levels)
    return [
        _progress(
            level,
            done.get(level.pk, NOTHING_DONE),
            awarded_xp=paid.get(subject_of(level.pk), 0),
            missing=[other for other in needed[level.pk] if other.pk not in passed],
        )
        for level in levels
    ]


def levels_summary(learner, progress: list[LevelProgress]) -> dict:
    completed = sum(line.status == "completed" for line in progress)
    return {
        "total_levels": len(progress),
        "completed_levels": completed,
        "completion_percentage": completed * 100 // len(progress) if progress else 0,
        **_standing(learner),
    }


def sessions_summary(learner, at: datetime) -> dict:
    sessions = LearningSession.objects.filter(learner=learner)
    totals = sessions.aggregate(
        total_sessions=Count("pk"),
        completed_sessions=Count("pk", filter=Q(status=LearningSession.Status.ENDED)),
        total_time_spent=Sum("time_spent", default=0),
    )
    return {**totals, "active_sessions": sessions.active(at).count(), **_standing(learner)}


def _standing(learner) -> dict:
    total_xp = profile_of(learner).total_xp
    standing = player_level(total_xp)
    return {"total_xp": total_xp, "level": standing.level, "title": standing.title}


def _done_by_level(learner) -> dict[int, dict]:
    passed = Q(passed=True)
    rows = (
        Completion.objects.counted()
        .filter(learner=learner)
        .values("level_id")
        .annotate(
            best_score=Max("score"),
            best_time=Min("time_spent", filter=passed),
            completions=Count("pk"),
            times_passed=Count("pk", filter=passed),
            first=Min("occurred_at", filter=passed),
            last=Max("occurred_at", filter=passed),
        )
    )
    return {row["level_id"]: row for row in rows}


def _paid_by_subject(learner) -> dict[str, int]:
    lines = LedgerEntry.objects.filter(learner=learner).exclude(subject="").order_by()
    return dict(lines.values_list("subject").annotate(Sum("delta")))


def _progress(level: Level, facts: dict, *, awarded_xp: int, missing: list[Level]) -> LevelProgress:
    return LevelProgress(
        level=level,
        status=_status(level, bool(facts["times_passed"]), missing),
        best_score=facts["best_score"],
        best_time=facts["best_time"],
        completions=facts["completions"],
        awarded_xp=awarded_xp,
        first_completed_at=facts["first"],
        last_completed_at=facts["last"],
        missing=missing,
    )


def _status(level: Level, has_passed: bool, missing: list[Level]) -> str:
    if has_passed:
        return "completed"
    return "unlocked" if level.is_open and not missing else "locked"
