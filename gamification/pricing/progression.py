"""Player level and title for a total of XP. Both are computed, never stored."""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import floor

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
    steps, level = _steps(rules), level_at(total_xp, rules)
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
    return bisect_right(_steps(rules), total_xp)


def level_begins_at(level: int, rules: Rules) -> int | None:
    """The total XP at which a level is reached; None for a level above the highest one."""
    steps = _steps(rules)
    return steps[level - 1] if level <= len(steps) else None


def title_of(level: int, rules: Rules) -> str:
    return next(title for first, title in reversed(rules.titles) if first <= level)


def _steps(rules: Rules) -> tuple[int, ...]:
    return thresholds(rules.curve, rules.first_step, rules.growth, rules.max_level)


@lru_cache(maxsize=16)
def thresholds(curve: str, first_step: int, growth: Fraction, max_level: int) -> tuple[int, ...]:
    """The total XP at which each level begins; level 1 at 0.

    geometric: the step from L-1 to L costs floor(first_step * growth^(L-2)). quadratic: level L begins at
    (L-1)^2 * first_step, so that level = floor(sqrt(total / first_step)) + 1.
    """
    if curve == "quadratic":
        return tuple((level - 1) ** 2 * first_step for level in range(1, max_level + 1))
    steps = [0]
    for level in range(2, max_level + 1):
        steps.append(steps[-1] + floor(first_step * growth ** (level - 2)))
    return tuple(steps)
