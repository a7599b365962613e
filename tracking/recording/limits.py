"""Limits of plausibility: what exceeds them is accepted, but pays nothing until staff release it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from gamification.models import LedgerEntry
from levels.models import Level

HOUR = timedelta(hours=1)


def is_too_fast(level: Level, time_spent: int | None) -> bool:
    return time_spent is not None and time_spent < level.metadata.get("min_seconds", 0)


def why_held(level: Level, time_spent: int | None) -> str:
    """For staff; `level` has the play rules by which the completion was judged."""
    if is_too_fast(level, time_spent):
        return f"Took {time_spent} s; nobody needs less than {level.metadata['min_seconds']} s."
    return "Much XP within an hour."


class EarningRate:
    """How much XP a learner earned around some moments; reads the ledger once, and only where there is a ceiling.

    An hour is one in which XP was earned: a week offline is sent in one second, and was played in many hours.
    """

    def __init__(self, learner_id: int, moments: Iterable[datetime]) -> None:
        self.earned: list[tuple[datetime, int]] = []
        if settings.XP_PER_HOUR_CEILING is not None and (moments := list(moments)):
            span = min(moments) - HOUR, max(moments) + HOUR
            entries = LedgerEntry.objects.filter(learner_id=learner_id, effective_at__range=span)
            self.earned = list(entries.values_list("effective_at", "delta"))

    def is_too_high(self, moment: datetime) -> bool:
        """Before the moment or after it: events need not come in the order in which they happened."""
        if settings.XP_PER_HOUR_CEILING is None:
            return False
        before = sum(delta for at, delta in self.earned if moment - HOUR <= at <= moment)
        after = sum(delta for at, delta in self.earned if moment <= at <= moment + HOUR)
        return max(before, after) >= settings.XP_PER_HOUR_CEILING

    def add(self, entries: Iterable[LedgerEntry]) -> None:
        self.earned += [(entry.effective_at, entry.delta) for entry in entries]
