import copy

import pytest
from django.core.exceptions import ValidationError

from gamification.pricing.rules import DEFAULT_RULES, validate_rules


def changed(*path, to):
    rules = copy.deepcopy(DEFAULT_RULES)
    part = rules
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = to
    return rules


def test_the_initial_rules_are_valid():
    validate_rules(DEFAULT_RULES)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        changed("formula", "base", to="10"),
        changed("formula", "base", to=True),
        changed("formula", "base", to=-1),
        changed("formula", "points_per_xp", to=0),
        changed("multipliers", to={"easy": "1"}),
        changed("multipliers", "easy", to=0.8),
        changed("multipliers", "easy", to="1/0"),
        changed("multipliers", "easy", to="nan"),
        changed("multipliers", "easy", to="11"),
        changed("curve", "kind", to="linear"),
        changed("curve", "max_level", to=101),
        changed("curve", "growth", to="0.9"),
        changed("titles", to=[]),
        changed("titles", to=[[2, "Novice"]]),
        changed("titles", to=[[1, "Novice"], [1, "Twice"], [0, "Back"]]),
        changed("daily_xp_cap", to="lots"),
    ],
)
def test_an_invalid_rule_set_is_refused(broken):
    with pytest.raises(ValidationError):
        validate_rules(broken)
