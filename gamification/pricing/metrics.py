"""The XP of an event of a metric: exact, rounded down once."""

import re
from fractions import Fraction
from math import floor

PRICE = re.compile(r"\d{1,7}(/[1-9]\d{0,8})?", re.ASCII)


def fraction_of(text: str) -> Fraction:
    """Raise ValueError, with a sentence, for anything but a whole number or a fraction such as 1/100."""
    if not PRICE.fullmatch(text):
        raise ValueError("Give a whole number or a fraction such as 1/100.")
    return Fraction(text)


def xp_for(value: int, xp_per_unit: Fraction) -> int:
    return floor(value * xp_per_unit)
