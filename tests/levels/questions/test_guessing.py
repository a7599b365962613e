"""The exact probability against every outcome, counted."""

from fractions import Fraction
from itertools import combinations, product

import pytest

from levels.models import Level
from levels.questions.guessing import guess_chance, level_chance, needed_right, pass_chance

from .examples import MATCHING, MULTIPLE, NUMBER, ORDERING, SHORT_TEXT, SINGLE, TRUE_FALSE, question


@pytest.mark.parametrize(
    ("fields", "chance"),
    [
        (TRUE_FALSE, "1/2"),
        (SINGLE, "1/3"),
        (MULTIPLE, "1/7"),
        (ORDERING, "1/6"),
        (MATCHING, "1/24"),
        (MATCHING | {"choices": []}, "1/6"),
        (MATCHING | {"answer": [["a", "x"], ["b", "x"], ["c", "y"]]}, "1/27"),
        (SHORT_TEXT, "0"),
        (NUMBER, "0"),
    ],
)
def test_the_chance_to_guess_one_question(fields, chance):
    assert guess_chance(question(fields)) == Fraction(chance)


def counted(chances, asked, needed):
    """By going through all draws and all outcomes."""
    draws = list(combinations(chances, asked))
    total = Fraction(0)
    for draw in draws:
        for outcome in product([True, False], repeat=asked):
            if sum(outcome) >= needed:
                weight = Fraction(1)
                for chance, right in zip(draw, outcome, strict=True):
                    weight *= chance if right else 1 - chance
                total += weight
    return total / len(draws)


@pytest.mark.parametrize(("asked", "needed"), [(1, 1), (3, 2), (4, 3), (5, 5), (5, 1)])
def test_the_chance_to_pass_is_that_of_all_draws_and_outcomes(asked, needed):
    chances = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 7), Fraction(0), Fraction(1, 24)]
    assert pass_chance(chances, asked=asked, needed=needed) == counted(chances, asked, needed)


@pytest.mark.parametrize(("asked", "percent", "needed"), [(10, 60, 6), (3, 60, 2), (3, 67, 3), (1, 1, 1), (7, 100, 7)])
def test_a_share_of_the_questions_is_rounded_up(asked, percent, needed):
    assert needed_right(asked, percent) == needed


def test_a_level_is_judged_by_what_it_draws_and_asks_for():
    questions = [question(TRUE_FALSE) for _ in range(4)]
    assert level_chance(Level(questions_per_play=2, pass_percent=100), questions) == Fraction(1, 4)
    assert level_chance(Level(questions_per_play=9, pass_percent=100), questions) == Fraction(1, 16)
    assert level_chance(Level(), []) == 0
