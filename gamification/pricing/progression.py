"""Player level and title for a total of XP. Both are computed, never stored."""

from bisect import bisect_right
from dataclasses import dataclass

from .rules import Rules


@dataclass(frozen=True)
class PlayerLevel:
    """The level of a learner. `level_began_at` and `next_level_at` are total XP.

    At the highest level `next_level_at` is None and `xp_to_next_level`, the XP still missing, is 0.
    """

    level: int
    title: str
    level_began_at: int
    next_level_at: int | None
    xp_to_next_level: int
    progress_percentage: int


def player_level_at(total_xp: int, rules: Rules) -> PlayerLevel:
    steps, level = rules.steps, level_at(total_xp, rules)
    began = steps[level - 1]
    following = steps[level] if level < len(steps) else None
    return PlayerLevel(
        level=level,
        title=title_of(level, rules),
        level_began_at=began,
        next_level_at=following,
        xp_to_next_level=0 if following is None else following - total_xp,
        progress_percentage=100 if following is None else (total_xp - began) * 100 // (following - began),
    )


def level_at(total_xp: int, rules: Rules) -> int:
    return bisect_right(rules.steps, total_xp)


def level_begins_at(level: int, rules: Rules) -> int | None:
    """The total XP at which a level is reached; None for a level above the highest one."""
    steps = rules.steps
    return steps[level - 1] if level <= len(steps) else None


def title_of(level: int, rules: Rules) -> str:
    return next(title for first, title in reversed(rules.titles) if first <= level)
