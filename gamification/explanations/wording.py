"""Parts of the sentences of explanations."""

from collections.abc import Iterable
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from gamification.conditions.wording import days, duration
from gamification.pricing.factors import FACTOR_WORDS

__all__ = ["FACTOR_WORDS", "days", "duration", "listed", "on_date"]


def on_date(day: date) -> str:
    """“4 March 2026”."""
    return date_format(day, "j F Y")


def listed(parts: Iterable[str]) -> str:
    """“a, b and c”."""
    *head, last = parts
    return _("%(first)s and %(last)s") % {"first": ", ".join(head), "last": last} if head else last
