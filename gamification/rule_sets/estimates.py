"""What a level may pay, for the app of levels, which knows no rules (settings.MOST_XP_OF_LEVEL)."""

from collections.abc import Callable
from functools import partial

from gamification.pricing.xp import most_xp

from .publishing import published_rules


def xp_estimator() -> Callable[..., int]:
    """`most_xp` by the rules in force, which are read once."""
    return partial(most_xp, published_rules())
