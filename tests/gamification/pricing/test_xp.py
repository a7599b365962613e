"""The documented numbers, and properties that hold for all numbers."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.pricing.rules import DEFAULT_RULES, DIFFICULTIES, read_rules
from gamification.pricing.xp import RULES, Factor, Facts, limit_day, limit_repeat, most_xp, price, total

RULES_V1 = read_rules(1, DEFAULT_RULES)


def facts(**changes):
    plain = Facts(
        rule="formula",
        repeat_policy="improvement",
        difficulty="normal",
        score=850,
        max_score=1000,
        passed=True,
        xp_reward=100,
        time_spent=None,
        expected_seconds=1500,
        hints_used=None,
    )
    return dataclasses.replace(plain, **changes)


def earn(**changes):
    return total(price(facts(**changes), RULES_V1))


@pytest.mark.parametrize(
    ("changes", "xp"),
    [
        ({"time_spent": 120, "hints_used": 0}, 18 + 5 + 5),
        ({"difficulty": "easy"}, 14),
        ({"score": 1000, "time_spent": 120, "hints_used": 0}, 30),
        ({"score": 0}, 10),
        ({"score": 99}, 10),
        ({"score": 100}, 11),
        ({"difficulty": "very_easy"}, 10),
        ({"difficulty": "hard"}, 21),
        ({"difficulty": "expert"}, 27),
        ({"time_spent": 0}, 18),
        ({"time_spent": 1499}, 23),
        ({"time_spent": 1500}, 18),
        ({"time_spent": 120, "expected_seconds": None}, 18),
        ({"hints_used": 1}, 18),
        ({"passed": False, "time_spent": 120, "hints_used": 0}, 0),
        ({"rule": "proportional", "score": 70, "max_score": 100, "xp_reward": 75}, 52),
        ({"rule": "proportional", "score": 100, "max_score": 100, "xp_reward": 75}, 75),
        ({"rule": "proportional", "score": 69, "max_score": 100, "passed": False}, 0),
        ({"rule": "fixed", "xp_reward": 25}, 25),
        ({"rule": "fixed", "xp_reward": 25, "passed": False}, 0),
        ({"rule": "scenario", "difficulty": "easy", "expected_seconds": None}, 50),
        ({"rule": "scenario", "difficulty": "normal", "expected_seconds": 15 * 60 + 59}, 115),
        ({"rule": "scenario", "difficulty": "hard", "expected_seconds": 51 * 60}, 200),
        ({"rule": "scenario", "difficulty": "expert", "score": 1000, "expected_seconds": 60}, 226),
    ],
)
def test_each_rule_pays_what_the_table_says(changes, xp):
    assert earn(**changes) == xp


def test_the_breakdown_explains_every_point():
    assert price(facts(difficulty="hard", time_spent=120, hints_used=0), RULES_V1) == [
        Factor("base", 10),
        Factor("score", 8),
        Factor("difficulty", 3),
        Factor("speed_bonus", 5),
        Factor("no_hints_bonus", 5),
    ]


@pytest.mark.parametrize(
    ("policy", "already_paid", "xp"),
    [
        ("improvement", 0, 30),
        ("improvement", 28, 2),
        ("improvement", 30, 0),
        ("improvement", 45, 0),
        ("full", 45, 30),
        ("none", 0, 30),
        ("none", 1, 0),
    ],
)
def test_the_repeat_policy_decides_what_a_repetition_pays(policy, already_paid, xp):
    due = price(facts(score=1000, time_spent=120, hints_used=0), RULES_V1)
    assert total(limit_repeat(due, policy, already_paid)) == xp


@pytest.mark.parametrize(("cap", "paid_today", "xp"), [(None, 500, 18), (100, 0, 18), (100, 90, 10), (100, 130, 0)])
def test_the_daily_cap_removes_the_excess(cap, paid_today, xp):
    assert total(limit_day(price(facts(), RULES_V1), cap, paid_today)) == xp


anything = st.builds(
    Facts,
    rule=st.sampled_from(sorted(RULES)),
    repeat_policy=st.sampled_from(["improvement", "full", "none"]),
    difficulty=st.sampled_from(DIFFICULTIES),
    score=st.integers(0, 1000),
    max_score=st.just(1000),
    passed=st.booleans(),
    xp_reward=st.integers(0, 1_000_000),
    time_spent=st.none() | st.integers(0, 86_400),
    expected_seconds=st.none() | st.integers(0, 86_400),
    hints_used=st.none() | st.integers(0, 10_000),
)


@given(anything, st.integers(-100, 2_000_000))
def test_no_rule_pays_less_than_nothing_or_shows_a_zero(any_facts, already_paid):
    due = price(any_facts, RULES_V1)
    paid = limit_repeat(due, any_facts.repeat_policy, already_paid)
    assert 0 <= total(paid) <= total(due)
    assert all(factor.value for factor in paid)


@given(anything, anything)
def test_a_better_score_never_pays_less(one, other):
    worse, better = sorted([one.score, other.score])
    lower = total(price(dataclasses.replace(one, score=worse), RULES_V1))
    assert lower <= total(price(dataclasses.replace(one, score=better), RULES_V1))


@given(anything)
def test_no_completion_pays_more_than_the_most_that_its_level_pays(one):
    level = {"difficulty": one.difficulty, "max_score": one.max_score, "xp_reward": one.xp_reward}
    most = most_xp(RULES_V1, rule=one.rule, expected_seconds=one.expected_seconds, **level)
    assert total(price(one, RULES_V1)) <= most
