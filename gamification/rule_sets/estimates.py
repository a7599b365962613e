"""What a level may pay, for the app of levels, which knows no rules (settings.MOST_XP_OF_LEVEL)."""

from typing import Any

from gamification.pricing.xp import most_xp

from .publishing import published_rules


def most_xp_now(**level: Any) -> int:
    """`most_xp` by the rules in force."""
    return most_xp(published_rules(), **level)
