"""The numbers of a rule set: as JSON, which staff edit, and as exact values, by which XP is computed."""

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from math import floor
from typing import Any

from .numbers import validate_numbers, whole

DIFFICULTIES = ["very_easy", "easy", "normal", "hard", "expert"]
CURVES = ["geometric", "quadratic"]

DEFAULT_RULES = {
    "formula": {"base": 10, "points_per_xp": 100, "speed_bonus": 5, "no_hints_bonus": 5},
    "multipliers": {"very_easy": "0.6", "easy": "0.8", "normal": "1.0", "hard": "1.2", "expert": "1.5"},
    "scenario": {
        "base": {"very_easy": 50, "easy": 50, "normal": 100, "hard": 150, "expert": 150},
        "max_minutes": 50,
        "perfect_multiplier": "1.5",
    },
    "streak_bonus": {"per_day": 5, "at_most": 50},
    "daily_xp_cap": None,
    "reviews": {"xp_per_answer": 1, "xp_per_day": 20, "for_a_day": 5},
    "curve": {"kind": "geometric", "first_step": 100, "growth": "1.15", "max_level": 100},
    "titles": [
        [1, "Novice"],
        [10, "Apprentice"],
        [20, "Adept"],
        [30, "Expert"],
        [40, "Master"],
        [50, "Grandmaster"],
        [70, "Legend"],
        [90, "Mythic"],
    ],
}


@dataclass(frozen=True)
class Rules:
    """The numbers of one version. Multipliers are exact fractions, never floats."""

    version: int
    base: int
    points_per_xp: int
    speed_bonus: int
    no_hints_bonus: int
    multipliers: dict[str, Fraction]
    scenario_base: dict[str, int]
    scenario_max_minutes: int
    scenario_perfect: Fraction
    bonus_per_day: int
    bonus_at_most: int
    daily_xp_cap: int | None
    review_xp: int
    review_xp_per_day: int
    reviews_for_a_day: int
    curve: str
    first_step: int
    growth: Fraction
    max_level: int
    titles: tuple[tuple[int, str], ...]

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """The total XP at which each level begins; level 1 at 0.

        geometric: the step from L-1 to L costs floor(first_step * growth^(L-2)). quadratic: level L begins at
        (L-1)^2 * first_step, so that level = floor(sqrt(total / first_step)) + 1.
        """
        if self.curve == "quadratic":
            return tuple((level - 1) ** 2 * self.first_step for level in range(1, self.max_level + 1))
        steps = [0]
        for level in range(2, self.max_level + 1):
            steps.append(steps[-1] + floor(self.first_step * self.growth ** (level - 2)))
        return tuple(steps)


def read_rules(version: int, data: dict[str, Any]) -> Rules:
    """Raise KeyError, TypeError or ValueError where `data` is not of the shape of DEFAULT_RULES."""
    formula, scenario, curve = data["formula"], data["scenario"], data["curve"]
    reviews = data.get("reviews", DEFAULT_RULES["reviews"])  # rule sets from before there were reviews
    return Rules(
        version=version,
        base=whole(formula["base"]),
        points_per_xp=whole(formula["points_per_xp"], least=1),
        speed_bonus=whole(formula["speed_bonus"]),
        no_hints_bonus=whole(formula["no_hints_bonus"]),
        multipliers={name: _factor(data["multipliers"][name]) for name in DIFFICULTIES},
        scenario_base={name: whole(scenario["base"][name]) for name in DIFFICULTIES},
        scenario_max_minutes=whole(scenario["max_minutes"]),
        scenario_perfect=_factor(scenario["perfect_multiplier"]),
        bonus_per_day=whole(data["streak_bonus"]["per_day"]),
        bonus_at_most=whole(data["streak_bonus"]["at_most"]),
        daily_xp_cap=None if data["daily_xp_cap"] is None else whole(data["daily_xp_cap"]),
        review_xp=whole(reviews["xp_per_answer"]),
        review_xp_per_day=whole(reviews["xp_per_day"]),
        reviews_for_a_day=whole(reviews["for_a_day"], least=1),
        curve=_one_of(CURVES, curve["kind"]),
        first_step=whole(curve["first_step"], least=1),
        growth=_factor(curve["growth"], least=1),
        max_level=whole(curve["max_level"], least=1, most=100),
        titles=_titles(data["titles"]),
    )


@lru_cache(8)
def read_rules_text(version: int, text: str) -> Rules:
    """`read_rules` of JSON text; cached, since every completion reads the same text."""
    return read_rules(version, json.loads(text))


def validate_rules(data: Any) -> None:
    """Raise ValidationError, naming the wrong number, for data that `read_rules` could not read."""
    validate_numbers("rule set", read_rules, data)


def _factor(text: Any, *, least: int = 0, most: int = 10) -> Fraction:
    if not isinstance(text, str):
        raise TypeError(f'write {text!r} as text, for example "1.15", so that it stays exact')
    if not least <= (value := Fraction(text)) <= most:
        raise ValueError(f"{text} is not between {least} and {most}")
    return value


def _one_of(allowed: list[str], value: str) -> str:
    if value not in allowed:
        raise ValueError(f"{value!r} is none of {', '.join(allowed)}")
    return value


def _titles(rows: Any) -> tuple[tuple[int, str], ...]:
    titles = tuple((whole(level, least=1), str(title)) for level, title in rows)
    if not titles or titles[0][0] != 1 or list(titles) != sorted(titles):
        raise ValueError("titles must begin at level 1 and rise")
    return titles
