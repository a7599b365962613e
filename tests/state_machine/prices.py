"""The XP of a completion, in integers only; nothing is imported from the product. See `oracle`."""

from dataclasses import dataclass
from math import isqrt

TENTHS = {"very_easy": 6, "easy": 8, "normal": 10, "hard": 12, "expert": 15}
SCENARIOS = {"very_easy": 50, "easy": 50, "normal": 100, "hard": 150, "expert": 150}


@dataclass(frozen=True)
class RuleSet:
    version: int
    base: int = 10
    points: int = 100
    bonus: int = 5
    per_streak_day: int = 5
    streak_at_most: int = 50
    cap: int | None = None
    quadratic: bool = False
    review_xp: int = 1
    review_xp_per_day: int = 20
    reviews_for_a_day: int = 5


@dataclass(frozen=True, repr=False)
class LevelFacts:
    level_id: str
    number: int
    kind: str = "simulation"
    rule: str = "formula"
    repeat: str = "improvement"
    difficulty: str = "normal"
    max_score: int = 1000
    pass_score: int = 0
    xp_reward: int = 0
    expected: int | None = None
    min_seconds: int = 0
    questions: tuple[int, int] | None = None  # (right answers needed, questions)
    needs: tuple[str, ...] = ()
    pool: int = 0  # questions that the server asks and judges
    drawn: int | None = None  # of them in a play; None: all
    percent: int = 60  # that have to be right in a play

    def __repr__(self):
        return self.level_id

    @property
    def question_ids(self):
        return [f"{self.level_id}-{number}" for number in range(self.pool)]

    def passes(self, score, right=None):
        """By the number of right answers if `right` is given, else by the share of the score."""
        needed, questions = self.questions or (0, 1)
        enough = score * questions >= needed * self.max_score if right is None else right >= needed
        return score >= self.pass_score and enough


def price(level: LevelFacts, rules: RuleSet, score: int, seconds: int | None, hints: int | None) -> int:
    """Of a completion that passed, before repeats and caps."""
    if level.rule == "fixed":
        return level.xp_reward
    if level.rule == "proportional":
        return level.xp_reward * score // level.max_score
    if level.rule == "scenario":
        whole = SCENARIOS[level.difficulty] + min(50, (level.expected or 0) // 60)
        return whole * 3 // 2 if score == level.max_score else whole
    fast = bool(seconds) and seconds < (level.expected or 0)
    bonuses = rules.bonus * (fast + (hints == 0))
    return (rules.base + score // rules.points) * TENTHS[level.difficulty] // 10 + bonuses


def streak_bonus(run: int, rules: RuleSet) -> int:
    """Of the first completion of a day, by the run that ends on that day."""
    return min(rules.per_streak_day * run, rules.streak_at_most) if run > 1 else 0


def player_level(total_xp: int, rules: RuleSet) -> int:
    if rules.quadratic:
        return min(100, isqrt(total_xp // 100) + 1)
    level, next_at = 1, 100
    while level < 100 and total_xp >= next_at:
        level += 1
        next_at += 100 * 115 ** (level - 1) // 100 ** (level - 1)
    return level
