"""Why a level is locked, open or completed for a learner, and how to get there: facts, numbers and one sentence."""

from dataclasses import dataclass

from gamification.explanations import on_date
from gamification.models import LearnerProfile
from gamification.streaks import local_date
from levels.errors import why_locked
from levels.models import Level
from levels.prerequisites import path_to
from tracking.models import Completion
from tracking.progress.levels import LevelProgress, LevelStatus, progress_of

from .held_results import latest_held_result

STEPS_NAMED = 3


@dataclass(frozen=True)
class LevelExplanation:
    """`road` lists the levels that must be passed before this one opens, in an order in which they can be played.

    `reason` is "prerequisites", "coming_soon" or "not_unlocked" where the level cannot be played now.
    """

    line: LevelProgress
    road: list[LevelProgress]
    reason: str | None
    why: str


def explain_level(profile: LearnerProfile, level: Level) -> LevelExplanation:
    """The number of queries does not grow with the prerequisites or the learner's history."""
    learner = profile.pk
    passed = set(Completion.objects.passed_levels(learner).values_list("level_id", flat=True))
    path = [] if level.pk in passed else path_to(level, passed=passed)
    levels = Level.objects.filter(pk__in=[level.pk, *path])
    lines = {line.level.pk: line for line in progress_of(learner, levels)}
    line, steps = lines[level.pk], [lines[key] for key in path]
    reason = None if line.is_available else why_locked(level, line.missing)[0]
    held = latest_held_result(profile, level.pk)
    why = _sentence(profile, line, steps, reason) + _last_play(profile, level) + (f" {held.why}" if held else "")
    return LevelExplanation(line, steps, reason, why)


def _last_play(profile: LearnerProfile, level: Level) -> str:
    plays = Completion.objects.filter(learner=profile.pk, level=level, session__is_play=True)
    last = plays.order_by("-created_at").first()
    return f" Your last play: {last.right_answers}." if last else ""


def _sentence(profile: LearnerProfile, line: LevelProgress, path: list[LevelProgress], reason: str | None) -> str:
    name = f"“{line.level.shown.name}”"
    if line.status == LevelStatus.COMPLETED:
        return _completed(profile, line, name)
    if reason is None:
        return _unlocked(line, name)
    if reason == "prerequisites":
        return f"{name} is locked: pass {_steps(path)}{_closed(path)}."
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


def _steps(path: list[LevelProgress]) -> str:
    names = [f"“{step.level.shown.name}”{_takes(step.level)}" for step in path[:STEPS_NAMED]]
    more = len(path) - len(names)
    return ", then ".join(names) + (f", and {more} more after that" if more else "")


def _takes(level: Level) -> str:
    return f" ({_passing(level)})" if level.passing_score else ""


def _passing(level: Level) -> str:
    return f"{level.passing_score} of {level.max_score} points"


def _closed(path: list[LevelProgress]) -> str:
    """Names the first level of the path that nobody can play yet."""
    closed = [f"“{step.level.shown.name}”" for step in path if not step.level.is_open]
    return f"; {closed[0]} is not open yet" if closed else ""
