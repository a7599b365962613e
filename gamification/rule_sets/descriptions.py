"""What each number of a rule set means."""

from gamification.pricing.rules import DIFFICULTIES
from gamification.versions.numbers import Number


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
    "Practice: reviews of questions": [
        Number("reviews.xp_per_answer", "XP for a right answer", default=1),
        Number("reviews.xp_per_day", "XP that reviews pay a local date at most", default=20),
        Number(
            "reviews.for_a_day",
            "different questions reviewed on a date, from which on it is a streak day with a completion",
            least=1,
            default=5,
        ),
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
