"""Numbers in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def days(number: int) -> str:
    """“1 day”, “3 days”."""
    return ngettext("%(number)s day", "%(number)s days", number) % {"number": number}


def duration(seconds: int) -> str:
    """“45 s”, “2 min”, “1 h 2 min 3 s”."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, _("h")), (minutes, _("min")), (rest, _("s"))]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or f"0 {_('s')}"
