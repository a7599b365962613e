"""The rules and limits that were in force at each moment."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings

from gamification.awards.one_account import Version
from gamification.models import LimitSet, XPRuleSet
from gamification.pricing.limits import NO_LIMITS, read_limits
from gamification.pricing.rules import read_rules

Numbers = TypeVar("Numbers")


class Versions:
    """All that were ever published, read once."""

    def __init__(self) -> None:
        self.rules = _published(XPRuleSet, read_rules)
        self.limits = _published(LimitSet, read_limits)

    def at(self, moment: datetime) -> Version:
        limits = _in_force(self.limits, moment) if settings.TRUST_LIMITS else NO_LIMITS
        return Version(_in_force(self.rules, moment), limits)


def _published(model: Any, read: Callable[[int, dict[str, Any]], Numbers]) -> list[tuple[datetime, Numbers]]:
    rows = model.objects.filter(published_at__isnull=False).order_by("published_at", "version")
    return [(row.published_at, read(row.version, row.numbers)) for row in rows]


def _in_force(versions: list[tuple[datetime, Numbers]], moment: datetime) -> Numbers:
    """The first version for moments before it, too."""
    position = bisect_right([published_at for published_at, _ in versions], moment)
    return versions[max(0, position - 1)][1]
