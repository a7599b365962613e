"""What a learner's numbers are, counted anew from everything that happened, and which prizes they have earned.

Nothing is imported from the product; it looks only at what a deed moved, this looks at everything.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .deeds import Deed
from .oracle_streaks import Calendar
from .prices import LevelFacts

Numbers = dict[str, int]


@dataclass(frozen=True)
class Prize:
    """An achievement or badge; `condition` as staff write it, None for a badge that is awarded by hand."""

    key: str
    condition: dict | None = field(hash=False)
    xp: int = 0
    is_badge: bool = False


def count(deeds: list[Deed], levels: dict[str, LevelFacts], calendar: Calendar) -> Numbers:
    """What these deeds (none of them held) and days add up to; without XP and what depends on it."""
    numbers: Counter[str] = Counter()
    for deed in deeds:
        numbers.update(_count_one(deed, levels[deed.claim.level], calendar.local(deed.occurred_at).hour))
    passed = {deed.claim.level for deed in deeds if deed.passed and levels[deed.claim.level].kind != "mode"}
    return {
        **numbers,
        "levels_completed": len(passed),
        "categories_completed": len({levels[level].kind for level in passed}),
        "active_days": len(calendar.active),
        "longest_streak": calendar.longest,
        "freezes_used": calendar.freezes_used,
    }


def _count_one(deed: Deed, level: LevelFacts, hour: int) -> Numbers:
    return {
        "completions": 1,
        "sessions_completed": deed.sitting is not None,
        "attempts_passed": deed.passed and level.kind == "challenge",
        "perfect_scores": deed.claim.score == level.max_score,
        "study_seconds": min(deed.claim.time_spent or 0, max(3600, 3 * (level.expected or 0))),
        "hints_used": deed.claim.hints or 0,
        "early_completions": hour < 8,
        "late_completions": hour >= 22,
    }


def newly_earned(prizes: list[Prize], before: Numbers, numbers: Numbers, level_of: Callable[[int], int]) -> list[Prize]:
    """Those of which a number has only now come to what they ask for, and that hold with all they ask for.

    What one pays counts for the next; `numbers` ends as all of them leave it.
    """
    earned = []
    while found := next((prize for prize in prizes if prize not in earned and _begins(prize, before, numbers)), None):
        earned.append(found)
        if not found.is_badge:
            numbers["achievements_unlocked"] += 1
            numbers["xp"] += found.xp
            numbers["level"] = level_of(numbers["xp"])
    return earned


def _begins(prize: Prize, before: Numbers, numbers: Numbers) -> bool:
    if prize.condition is None or not holds(prize.condition, numbers):
        return False
    return any(before.get(name, 0) < least <= numbers.get(name, 0) for name, least in asked_for(prize.condition))


def holds(condition: dict, numbers: Numbers) -> bool:
    if "all" in condition:
        return all(holds(part, numbers) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, numbers) for part in condition["any"])
    [(name, least)] = asked_for(condition)
    return numbers.get(name, 0) >= least


def asked_for(condition: dict) -> list[tuple[str, int]]:
    """Every number in it, with the least that it must be."""
    match condition:
        case {"all": parts} | {"any": parts}:
            return [asked for part in parts for asked in asked_for(part)]
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
