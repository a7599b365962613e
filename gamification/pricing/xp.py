"""The XP of a completion: pure functions from facts and rules to a breakdown, whose values add up to the XP.

Arithmetic is exact; each product is rounded down once, at its end.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from .factors import FactorName
from .rules import Rules


@dataclass(frozen=True)
class Facts:
    """What a price depends on. `time_spent` and `expected_seconds` are seconds; None means unknown."""

    rule: str
    repeat_policy: str
    difficulty: str
    score: int
    max_score: int
    passed: bool
    xp_reward: int
    time_spent: int | None = None
    expected_seconds: int | None = None
    hints_used: int | None = None


@dataclass(frozen=True)
class Factor:
    factor: FactorName
    value: int


Breakdown = list[Factor]


def price(facts: Facts, rules: Rules) -> Breakdown:
    """The XP of one completion before `limit_repeat` and `limit_day`; empty if the level was not passed."""
    if not facts.passed:
        return []
    return _without_zeros(RULES[facts.rule](facts, rules))


def total(breakdown: Breakdown) -> int:
    return sum(line.value for line in breakdown)


def most_xp(
    rules: Rules, *, rule: str, difficulty: str, max_score: int, xp_reward: int, expected_seconds: int | None
) -> int:
    """What the best completion of a level pays: the whole score, fast and without hints."""
    best = Facts(
        rule=rule,
        repeat_policy="full",
        difficulty=difficulty,
        score=max_score,
        max_score=max_score,
        passed=True,
        xp_reward=xp_reward,
        time_spent=1,
        expected_seconds=expected_seconds,
        hints_used=0,
    )
    return total(price(best, rules))


def streak_bonus(run: int, rules: Rules) -> int:
    """XP for the first completion of a day, which is the `run`-th active day of a streak; 0 on the first day."""
    return min(rules.bonus_per_day * run, rules.bonus_at_most) if run >= 2 else 0


def limit_repeat(breakdown: Breakdown, policy: str, already_paid: int) -> Breakdown:
    """Subtract, by the repeat policy, what the level has paid before (net of reversals).

    `improvement` subtracts what was paid, `none` everything once anything was paid, `full` nothing.
    """
    due = total(breakdown)
    if policy == "improvement":
        return _less(breakdown, "already_paid", min(due, max(0, already_paid)))
    if policy == "none" and already_paid > 0:
        return _less(breakdown, "already_paid", due)
    return breakdown


def without_pay(breakdown: Breakdown, factor: FactorName) -> Breakdown:
    """Subtract everything."""
    return _less(breakdown, factor, total(breakdown))


def limit_day(breakdown: Breakdown, cap: int | None, paid_today: int) -> Breakdown:
    """Subtract what would raise the day's XP from completions above `cap`; None means no cap."""
    if cap is None:
        return breakdown
    return _less(breakdown, "daily_cap", max(0, total(breakdown) - max(0, cap - paid_today)))


def _formula(facts: Facts, rules: Rules) -> Breakdown:
    plain = rules.base + facts.score // rules.points_per_xp
    scaled = floor(plain * rules.multipliers[facts.difficulty])
    fast = facts.time_spent is not None and 0 < facts.time_spent < (facts.expected_seconds or 0)
    return [
        Factor("base", rules.base),
        Factor("score", plain - rules.base),
        Factor("difficulty", scaled - plain),
        Factor("speed_bonus", rules.speed_bonus if fast else 0),
        Factor("no_hints_bonus", rules.no_hints_bonus if facts.hints_used == 0 else 0),
    ]


def _proportional(facts: Facts, _rules: Rules) -> Breakdown:
    return [Factor("score", floor(Fraction(facts.xp_reward * facts.score, facts.max_score)))]


def _fixed(facts: Facts, _rules: Rules) -> Breakdown:
    return [Factor("base", facts.xp_reward)]


def _scenario(facts: Facts, rules: Rules) -> Breakdown:
    base = rules.scenario_base[facts.difficulty]
    length = min(rules.scenario_max_minutes, (facts.expected_seconds or 0) // 60)
    perfect = facts.score == facts.max_score
    bonus = floor((base + length) * rules.scenario_perfect) - base - length if perfect else 0
    return [Factor("base", base), Factor("length", length), Factor("perfect", bonus)]


RULES = {"formula": _formula, "proportional": _proportional, "fixed": _fixed, "scenario": _scenario}


def _less(breakdown: Breakdown, factor: FactorName, amount: int) -> Breakdown:
    return _without_zeros([*breakdown, Factor(factor, -amount)])


def _without_zeros(breakdown: Breakdown) -> Breakdown:
    return [line for line in breakdown if line.value]
