"""Why a level is locked, open or completed for a learner, and how to get there: facts, numbers and one sentence."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

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
    return _(" Your last play: %(result)s.") % {"result": last.right_answers} if last else ""


def _sentence(profile: LearnerProfile, line: LevelProgress, path: list[LevelProgress], reason: str | None) -> str:
    name = f"“{line.level.shown.name}”"
    if line.status == LevelStatus.COMPLETED:
        return _completed(profile, line, name)
    if reason is None:
        return _unlocked(line, name)
    if reason == "prerequisites":
        return _("%(name)s is locked: pass %(steps)s.") % {"name": name, "steps": _steps(path) + _closed(path)}
    words = _("%(name)s is coming soon.") if reason == "coming_soon" else _("%(name)s is not open yet.")
    return words % {"name": name}


def _completed(profile: LearnerProfile, line: LevelProgress, name: str) -> str:
    results = line.results
    return _(
        "You passed %(name)s on %(day)s; your best score is %(best)s of %(most)s, and it has paid you %(xp)s XP."
    ) % {
        "name": name,
        "day": on_date(local_date(profile, results.first_completed_at)),
        "best": results.best_score,
        "most": results.best_max_score,
        "xp": line.awarded_xp,
    }


def _unlocked(line: LevelProgress, name: str) -> str:
    done = _("%(name)s is open to you: you have passed all that it needs%(tried)s.")
    free = _("%(name)s is open to you: it needs nothing before it%(tried)s.")
    return (done if line.level.prerequisites.all() else free) % {"name": name, "tried": _tried(line)}


def _tried(line: LevelProgress) -> str:
    results = line.results
    if not results.completions:
        return ""
    best = str(results.best_score)
    if results.best_max_score != line.level.max_score:
        best = _("%(score)s of %(most)s") % {"score": results.best_score, "most": results.best_max_score}
    return _("; your best score is %(best)s, and %(passing)s pass it") % {"best": best, "passing": _passing(line.level)}


def _steps(path: list[LevelProgress]) -> str:
    names = [f"“{step.level.shown.name}”{_takes(step.level)}" for step in path[:STEPS_NAMED]]
    more = len(path) - len(names)
    words = _(", then ").join(names)
    return _("%(steps)s, and %(more)s more after that") % {"steps": words, "more": more} if more else words


def _takes(level: Level) -> str:
    return f" ({_passing(level)})" if level.passing_score else ""


def _passing(level: Level) -> str:
    return _("%(score)s of %(most)s points") % {"score": level.passing_score, "most": level.max_score}


def _closed(path: list[LevelProgress]) -> str:
    """Names the first level of the path that nobody can play yet."""
    closed = [f"“{step.level.shown.name}”" for step in path if not step.level.is_open]
    return _("; %(name)s is not open yet") % {"name": closed[0]} if closed else ""
