"""How numbers are written in charts, and where the lines of their scale lie."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

Number = int | float
NO_NUMBER = "\u2013"  # a dash
MOST_STEPS = 4  # of a scale, on each side of zero one more


def as_text(value: Number | None, unit: str = "") -> str:
    """1234.5 -> "1,234.5"; a dash where there is no number."""
    if value is None:
        return NO_NUMBER
    rounded = round(value, 2)
    number = number_format(int(rounded) if rounded == int(rounded) else rounded, force_grouping=True)
    return number + ("" if unit in ("", "%") else " ") + unit


def as_short_text(value: Number, unit: str = "") -> str:
    """For the scale, where there is little room: 20000 -> "20k"."""
    ending = unit if unit == "%" else ""
    if abs(value) >= 1_000_000:
        return _("%(number)sM") % {"number": as_text(value / 1_000_000)} + ending
    if abs(value) >= 10_000:
        return _("%(number)sk") % {"number": as_text(value / 1_000)} + ending
    return as_text(value) + ending


@dataclass(frozen=True)
class Scale:
    """From the lowest to the highest of its round `ticks`, of which 0 is one."""

    ticks: list[Number]

    def share(self, value: Number) -> float:
        """Where it lies between the lowest tick, 0, and the highest one, 1."""
        low, high = self.ticks[0], self.ticks[-1]
        return (value - low) / (high - low)


def scale_for(values: Iterable[Number]) -> Scale:
    numbers = [0, *values]
    low, high = min(numbers), max(numbers)
    if low == high:
        high = 1
    step = _step(high - low, whole=all(isinstance(number, int) for number in numbers))
    first, last = math.floor(low / step), math.ceil(high / step)
    return Scale([round(number * step, 10) for number in range(first, last + 1)])


def _step(span: Number, *, whole: bool) -> Number:
    """1, 2 or 5, times a power of ten."""
    power = math.floor(math.log10(span / MOST_STEPS))
    if whole and power < 0:
        power = 0
    unit: Number = 10**power if power >= 0 else 1 / 10**-power
    return next(unit * factor for factor in (1, 2, 5, 10) if span <= unit * factor * MOST_STEPS)
