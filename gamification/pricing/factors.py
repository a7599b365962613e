"""The factors of a breakdown: their names, which ledger entries and the API keep, and what people read for them."""

from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FactorName = Literal[
    "base",
    "score",
    "difficulty",
    "speed_bonus",
    "no_hints_bonus",
    "length",
    "perfect",
    "already_paid",
    "daily_cap",
    "repeat_limit",
    "metric",
    "metric_limit",
    "review",
    "review_limit",
    "xp_limit",
    "streak_bonus",
    "achievement",
]

# To be read beside a number: “10 for finishing”.
FACTOR_WORDS: dict[FactorName, str | Promise] = {
    "base": _("for finishing"),
    "score": _("for your score"),
    "difficulty": _("for the difficulty"),
    "speed_bonus": _("for a quick finish"),
    "no_hints_bonus": _("for using no hints"),
    "length": _("for the length of the scenario"),
    "perfect": _("for a perfect score"),
    "already_paid": _("because this level had paid you before"),
    "daily_cap": _("because of the most that one day pays"),
    "repeat_limit": _("because of how often a day this level pays"),
    "metric": _("for what you have done"),
    "metric_limit": _("because of the most that counts on one day"),
    "review": _("for a right answer"),
    "review_limit": _("because of the most that practice pays on one day"),
    "xp_limit": _("because of the most that one day pays"),
    "streak_bonus": _("for keeping your streak"),
    "achievement": _("for unlocking it"),
}

FACTORS = tuple(FACTOR_WORDS)
