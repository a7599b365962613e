"""Numbers in words."""

from django.utils.translation import gettext as _


def amount(number: int, unit: str) -> str:
    """“1 day”, “3 days”."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def duration(seconds: int) -> str:
    """“45 s”, “2 min”, “1 h 2 min 3 s”."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, _("h")), (minutes, _("min")), (rest, _("s"))]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or f"0 {_('s')}"
