"""What each number of a rule set means, for staff who edit it, and what one version changes against another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gamification.pricing.rules import DIFFICULTIES


@dataclass(frozen=True)
class Number:
    """One value of a rule set. `path` leads to it: "formula.base" is rules["formula"]["base"]."""

    path: str
    words: str
    kind: str = "whole"  # or factor, curve, titles
    least: int = 0
    most: int = 1_000_000
    optional: bool = False

    def read(self, rules: dict) -> Any:
        value = rules
        for key in self.path.split("."):
            value = value[key]
        return value

    def write(self, rules: dict, value) -> None:
        *way, last = self.path.split(".")
        for key in way:
            rules = rules[key]
        rules[last] = value


@dataclass(frozen=True)
class Difference:
    path: str
    words: str
    before: str
    after: str


def _by_difficulty(path: str, words: str, **options) -> list[Number]:
    return [
        Number(f"{path}.{name}", f"{words} on a level that is {name.replace('_', ' ')}", **options)
        for name in DIFFICULTIES
    ]


GROUPS = {
    "Levels that pay by formula: (base + points) \u00d7 difficulty + bonuses": [
        Number("formula.base", "XP for finishing"),
        Number("formula.points_per_xp", "points of score for one more XP", least=1),
        *_by_difficulty("multipliers", "base and points times this", kind="factor"),
        Number("formula.speed_bonus", "XP for finishing faster than the level expects"),
        Number("formula.no_hints_bonus", "XP for using no hints"),
    ],
    "Scenarios: base + length, more when perfect": [
        *_by_difficulty("scenario.base", "XP for finishing"),
        Number("scenario.max_minutes", "expected minutes that count at most, 1 XP each"),
        Number("scenario.perfect_multiplier", "base and length times this at the highest score", kind="factor"),
    ],
    "Days": [
        Number("streak_bonus.per_day", "XP a streak day, with the first completion of a date"),
        Number("streak_bonus.at_most", "XP that such a bonus is at most"),
        Number("daily_xp_cap", "XP that completions pay a UTC date at most; empty: no limit", optional=True),
    ],
    "Player levels and titles": [
        Number(
            "curve.kind",
            "geometric: each level costs growth times more; quadratic: level L begins at (L - 1)² first steps",
            kind="curve",
        ),
        Number("curve.first_step", "XP from level 1 to level 2", least=1),
        Number(
            "curve.growth", "how much more each level costs than the one before (geometric)", kind="factor", least=1
        ),
        Number("curve.max_level", "the highest player level", least=1, most=100),
        Number("titles", "one a line: the first level that has it, then the title", kind="titles"),
    ],
}
NUMBERS = [number for group in GROUPS.values() for number in group]


def differences(before: dict, after: dict) -> list[Difference]:
    """What changes from one version's rules to another's, in the order of the form."""
    return [
        Difference(number.path, number.words, *shown)
        for number in NUMBERS
        if (shown := [as_text(number.read(before)), as_text(number.read(after))])[0] != shown[1]
    ]


def as_text(value) -> str:
    if isinstance(value, list):
        return "\n".join(f"{level} {title}" for level, title in value)
    return "" if value is None else str(value)


def numbers_of(rules: dict) -> Iterator[tuple[Number, str]]:
    """Each number with its value."""
    for number in NUMBERS:
        yield number, as_text(number.read(rules))
