"""A learner's numbers, counted anew from everything that happened, and the prizes that they have earned.

Nothing is imported from the product, which only checks what a completion has changed; this checks everything.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .oracle_streaks import Calendar
from .prices import LevelFacts
from .records import OracleCompletion

Numbers = dict[str, int]


@dataclass(frozen=True)
class Prize:
    """An achievement or badge; `condition` as staff write it, None for a badge that is awarded by hand."""

    key: str
    condition: dict | None = field(hash=False)
    xp: int = 0
    is_badge: bool = False


def count(completions: list[OracleCompletion], levels: dict[str, LevelFacts], calendar: Calendar) -> Numbers:
    """The numbers of these completions (none of them held) and days, without XP and what depends on it."""
    numbers: Counter[str] = Counter()
    for completion in completions:
        if not completion.passed:
            continue
        numbers.update(
            _count_one(completion, levels[completion.claim.level], calendar.local(completion.counts_at).hour)
        )
    passed = {
        completion.claim.level
        for completion in completions
        if completion.passed and levels[completion.claim.level].kind != "mode"
    }
    return {
        **numbers,
        "levels_completed": len(passed),
        "categories_completed": len({levels[level].kind for level in passed}),
        "active_days": len(calendar.active),
        "longest_streak": calendar.longest,
        "freezes_used": calendar.freezes_used,
    }


def _count_one(completion: OracleCompletion, level: LevelFacts, hour: int) -> Numbers:
    return {
        "completions": 1,
        "sessions_completed": completion.session is not None,
        "attempts_passed": completion.passed and level.kind == "challenge",
        "perfect_scores": completion.claim.score == level.max_score,
        "study_seconds": completion.study,
        "hints_used": completion.claim.hints or 0,
        "early_completions": hour < 8,
        "late_completions": hour >= 22,
    }


def newly_earned(prizes: list[Prize], before: Numbers, numbers: Numbers, level_of: Callable[[int], int]) -> list[Prize]:
    """The prizes whose condition holds, and of which a number has just reached its threshold.

    The XP of one counts for the next; `numbers` is updated by all of them.
    """
    earned = []
    while found := next(
        (prize for prize in prizes if prize not in earned and _is_newly_met(prize, before, numbers)), None
    ):
        earned.append(found)
        if not found.is_badge:
            numbers["achievements_unlocked"] += 1
            numbers["xp"] += found.xp
            numbers["level"] = level_of(numbers["xp"])
    return earned


def _is_newly_met(prize: Prize, before: Numbers, numbers: Numbers) -> bool:
    if prize.condition is None or not holds(prize.condition, numbers):
        return False
    return any(before.get(name, 0) < least <= numbers.get(name, 0) for name, least in thresholds_of(prize.condition))


def holds(condition: dict, numbers: Numbers) -> bool:
    if "all" in condition:
        return all(holds(part, numbers) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, numbers) for part in condition["any"])
    [(name, least)] = thresholds_of(condition)
    return numbers.get(name, 0) >= least


def thresholds_of(condition: dict) -> list[tuple[str, int]]:
    """Every number in the condition with its threshold."""
    match condition:
        case {"all": parts} | {"any": parts}:
            return [threshold for part in parts for threshold in thresholds_of(part)]
        case {"type": "xp", "threshold": least}:
            return [("xp", least)]
        case {"type": "level", "level": least}:
            return [("level", least)]
        case {"type": "consecutive_days", "days": least}:
            return [("longest_streak", least)]
        case {"type": "attempt_count", "count": least, "status": "passed"}:
            return [("attempts_passed", least)]
        case {"type": "metric", "name": "scenarios_completed", "threshold": least}:
            return [("levels_completed", least)]
        case {"type": "metric", "name": name, "threshold": least}:
            return [(name, least)]
