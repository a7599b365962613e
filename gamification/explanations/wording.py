"""Small pieces of the sentences by which we explain ourselves."""

from collections.abc import Iterable
from datetime import date


def on_date(day: date) -> str:
    """“4 March 2026”."""
    return f"{day.day} {day:%B} {day.year}"


def amount(number: int, one: str, more: str | None = None) -> str:
    """“1 day”, “3 days”."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def listed(parts: Iterable[str]) -> str:
    """“a, b and c”."""
    *head, last = parts
    return f"{', '.join(head)} and {last}" if head else last


def duration(seconds: int) -> str:
    """“45 s”, “2 min”, “1 h 2 min 3 s”."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{number} {unit}" for number, unit in [(hours, "h"), (minutes, "min"), (rest, "s")] if number]
    return " ".join(parts) or "0 s"
