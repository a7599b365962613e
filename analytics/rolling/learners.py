"""A learner whose rows are about to move or to go: their days are rolled up again."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from gamification.models import ActivityDay, FreezeEvent, LedgerEntry
from tracking.models import LearningSession, Review

from .stale import mark


def mark_days_of(learner_ids: Iterable[int]) -> None:
    """Before people are erased or merged, in the same transaction: these acts change rows and leave no new ones."""
    first, *others = (rows.order_by().values_list(day) for rows, day in _rows_of(list(learner_ids)))
    mark(day for (day,) in first.union(*others))


def _rows_of(learner_ids: list[int]) -> Iterable[tuple["QuerySet[Any]", Any]]:
    of = {"learner__in": learner_ids}
    yield ActivityDay.objects.filter(**of), "date"
    yield FreezeEvent.objects.filter(**of), "date"
    yield LedgerEntry.objects.filter(**of), TruncDate("effective_at", tzinfo=UTC)
    yield LearningSession.objects.plays().ended().filter(**of), TruncDate("end_time", tzinfo=UTC)
    yield Review.objects.filter(**of), TruncDate("reviewed_at", tzinfo=UTC)
