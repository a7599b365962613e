from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.pricing.progression import PlayerLevel, player_level_at, title_of
from gamification.pricing.rules import DEFAULT_RULES, read_rules

GEOMETRIC = read_rules(1, DEFAULT_RULES)
QUADRATIC = read_rules(2, {**DEFAULT_RULES, "curve": {**DEFAULT_RULES["curve"], "kind": "quadratic"}})


def test_first_thresholds_are_those_of_the_contract():
    assert GEOMETRIC.steps[:7] == (0, 100, 215, 347, 499, 673, 874)


def test_geometric_steps_are_exact_to_the_hundredth_level():
    costs = [after - before for before, after in pairwise(GEOMETRIC.steps)]
    assert costs == [100 * 115**n // 100**n for n in range(99)]


@pytest.mark.parametrize(
    ("total_xp", "standing"),
    [
        (0, PlayerLevel(1, "Novice", 0, 100, 100, 0)),
        (99, PlayerLevel(1, "Novice", 0, 100, 1, 99)),
        (100, PlayerLevel(2, "Novice", 100, 215, 115, 0)),
        (214, PlayerLevel(2, "Novice", 100, 215, 1, 99)),
        (215, PlayerLevel(3, "Novice", 215, 347, 132, 0)),
        (2**53 - 1, PlayerLevel(100, "Mythic", 680760706, None, 0, 100)),
    ],
)
def test_geometric_level(total_xp, standing):
    assert player_level_at(total_xp, GEOMETRIC) == standing


@pytest.mark.parametrize(("total_xp", "level", "next_at"), [(0, 1, 100), (99, 1, 100), (100, 2, 400), (400, 3, 900)])
def test_quadratic_level_is_the_root_plus_one(total_xp, level, next_at):
    standing = player_level_at(total_xp, QUADRATIC)
    assert (standing.level, standing.next_level_at) == (level, next_at)


def test_quadratic_curve_is_capped_too():
    assert player_level_at(2**53 - 1, QUADRATIC).level == 100


@pytest.mark.parametrize(
    ("first", "last", "title"),
    [
        (1, 9, "Novice"),
        (10, 19, "Apprentice"),
        (20, 29, "Adept"),
        (30, 39, "Expert"),
        (40, 49, "Master"),
        (50, 69, "Grandmaster"),
        (70, 89, "Legend"),
        (90, 100, "Mythic"),
    ],
)
def test_titles_change_with_the_levels(first, last, title):
    assert {title_of(level, GEOMETRIC) for level in range(first, last + 1)} == {title}


@given(st.integers(0, 2**53 - 2), st.sampled_from([GEOMETRIC, QUADRATIC]))
def test_more_xp_never_lowers_the_level(total_xp, rules):
    assert player_level_at(total_xp, rules).level <= player_level_at(total_xp + 1, rules).level
