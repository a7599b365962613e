"""Parts of the sentences of explanations."""

from collections.abc import Iterable
from datetime import date

from gamification.conditions.wording import amount, duration
from gamification.pricing.factors import FACTOR_WORDS

__all__ = ["FACTOR_WORDS", "amount", "duration", "listed", "on_date"]


def on_date(day: date) -> str:
    """“4 March 2026”."""
    return f"{day.day} {day:%B} {day.year}"


def listed(parts: Iterable[str]) -> str:
    """“a, b and c”."""
    *head, last = parts
    return f"{', '.join(head)} and {last}" if head else last
