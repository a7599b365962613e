"""What plays of the shipped levels pay: each right answer counts. The table in docs/content.md is these numbers."""

import json
from dataclasses import dataclass

import pytest
from django.conf import settings

from gamification.pricing.rules import DEFAULT_RULES, read_rules
from gamification.pricing.xp import Facts, price, total
from levels.choices import canonical_difficulty
from levels.loading.load import SHIPPED

RULES = read_rules(1, DEFAULT_RULES)


@dataclass(frozen=True)
class Shipped:
    """A shipped level, and what a play of it pays."""

    row: dict

    @property
    def asked(self):
        return self.row["questions_per_play"]

    @property
    def needed(self):
        """How many right answers pass."""
        return -(-self.asked * self.row["pass_percent"] // 100)

    def xp(self, right):
        """For a quick play without hints."""
        facts = Facts(
            rule=self.row["xp_rule"],
            repeat_policy="improvement",
            difficulty=canonical_difficulty(self.row["difficulty"]),
            score=self.row["max_score"] * right // self.asked,
            max_score=self.row["max_score"],
            passed=right >= self.needed,
            xp_reward=self.row["xp_reward"],
            time_spent=60,
            expected_seconds=self.row["expected_time_seconds"],
            hints_used=0,
        )
        return total(price(facts, RULES))

    def line(self):
        """Of the table: from one right answer below the pass mark to all of them."""
        pays = [f"{right}: {self.xp(right)}" for right in range(self.needed - 1, self.asked + 1)]
        return f"| {self.row['name']} | {', '.join(pays)} |"


def shipped_plays():
    for file in ("cyber.json", "coding.json"):
        for row in json.loads((SHIPPED / file).read_text("utf-8"))["levels"]:
            if row.get("questions_per_play"):
                yield pytest.param(Shipped(row), id=row["level_id"])


@pytest.fixture(params=list(shipped_plays()))
def shipped(request):
    return request.param


def test_below_the_pass_mark_nothing_is_paid(shipped):
    assert [shipped.xp(right) for right in range(shipped.needed)] == [0] * shipped.needed


def test_each_further_right_answer_pays_more(shipped):
    paid = [shipped.xp(right) for right in range(shipped.needed, shipped.asked + 1)]
    assert paid == sorted(set(paid))
    assert paid[-1] == shipped.row["xp_reward"]


def test_knowing_everything_pays_clearly_more_than_a_bare_pass(shipped):
    assert shipped.xp(shipped.asked) * 3 >= shipped.xp(shipped.needed) * 4


def test_the_first_level_pays_half_as_much_again_for_knowing_everything():
    (first,) = (param.values[0] for param in shipped_plays() if param.id == "level-1")
    assert (first.xp(5), first.xp(6), first.xp(10)) == (0, 60, 100)


def test_the_documented_table_is_true(shipped):
    assert shipped.line() in (settings.BASE_DIR / "docs/content.md").read_text("utf-8")
