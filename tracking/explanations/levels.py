"""Why a level is locked, open or completed for a learner, and how to get there: facts, numbers and one sentence."""

from dataclasses import dataclass

from gamification.explanations import on_date
from gamification.models import LearnerProfile
from gamification.streaks import local_date
from levels.errors import why_locked
from levels.models import Level
from levels.prerequisites import path_to
from tracking.models import Completion
from tracking.progress.levels import LevelProgress, progress_of

STEPS_TOLD = 3


@dataclass(frozen=True)
class LevelExplanation:
    """`road` is all that must be passed before the level opens, in an order in which it can be played.

    `reason` is "prerequisites", "coming_soon" or "not_unlocked" where the level cannot be played now.
    """

    line: LevelProgress
    road: list[LevelProgress]
    reason: str | None
    why: str


def explain_level(profile: LearnerProfile, level: Level) -> LevelExplanation:
    """The same number of statements whatever the road and the history."""
    learner = profile.pk
    passed = set(Completion.objects.passed_levels(learner).values_list("level_id", flat=True))
    road = [] if level.pk in passed else path_to(level, passed=passed)
    levels = Level.objects.filter(pk__in=[level.pk, *road])
    lines = {line.level.pk: line for line in progress_of(learner, levels)}
    line, steps = lines[level.pk], [lines[key] for key in road]
    reason = None if line.is_available else why_locked(level, line.missing)[0]
    return LevelExplanation(line, steps, reason, _sentence(profile, line, steps, reason))


def _sentence(profile: LearnerProfile, line: LevelProgress, road: list[LevelProgress], reason: str | None) -> str:
    name = f"“{line.level.name}”"
    if line.status == "completed":
        return _completed(profile, line, name)
    if reason is None:
        return _unlocked(line, name)
    if reason == "prerequisites":
        return f"{name} is locked: pass {_steps(road)}{_waiting(road)}."
    return f"{name} is coming soon." if reason == "coming_soon" else f"{name} is not open yet."


def _completed(profile: LearnerProfile, line: LevelProgress, name: str) -> str:
    results = line.results
    first = on_date(local_date(profile, results.first_completed_at))
    best = f"your best score is {results.best_score} of {results.best_max_score}"
    return f"You passed {name} on {first}; {best}, and it has paid you {line.awarded_xp} XP."


def _unlocked(line: LevelProgress, name: str) -> str:
    needs = "you have passed all that it needs" if line.level.prerequisites.all() else "it needs nothing before it"
    return f"{name} is open to you: {needs}{_tried(line)}."


def _tried(line: LevelProgress) -> str:
    results = line.results
    if not results.completions:
        return ""
    changed = results.best_max_score != line.level.max_score
    best = f"{results.best_score} of {results.best_max_score}" if changed else results.best_score
    return f"; your best score is {best}, and {_passing(line.level)} pass it"


def _steps(road: list[LevelProgress]) -> str:
    told = [f"“{step.level.name}”{_takes(step.level)}" for step in road[:STEPS_TOLD]]
    more = len(road) - len(told)
    return ", then ".join(told) + (f", and {more} more after that" if more else "")


def _takes(level: Level) -> str:
    return f" ({_passing(level)})" if level.passing_score else ""


def _passing(level: Level) -> str:
    return f"{level.passing_score} of {level.max_score} points"


def _waiting(road: list[LevelProgress]) -> str:
    """What cannot be passed by anybody yet is said."""
    closed = [f"“{step.level.name}”" for step in road if not step.level.is_open]
    return f"; {closed[0]} is not open yet" if closed else ""
