"""Streaks and metrics of the learners for whom rows were imported, derived again from all their rows."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from tracking.maintenance.rebuilding import BATCH, rebuild_learners

from .models import StaleTotals


def refresh_totals(*, at: datetime) -> int:
    """The next learners whose totals are not up to date; return how many there were."""
    with transaction.atomic():
        ids = list(StaleTotals.objects.order_by("pk").values_list("pk", flat=True)[:BATCH])
        _refresh(ids, at)
    return len(ids)


def refresh_totals_of(learner_ids: Collection[int], *, at: datetime) -> None:
    """Those of these locked learners that are not up to date."""
    stale = sorted(StaleTotals.objects.filter(pk__in=learner_ids).values_list("pk", flat=True))
    for first in range(0, len(stale), BATCH):
        _refresh(stale[first : first + BATCH], at)


def _refresh(ids: list[int], at: datetime) -> None:
    rebuild_learners(ids, at=at)
    # Deleted while their profiles are locked: rows of a later portion make them stale again.
    StaleTotals.objects.filter(pk__in=ids).delete()
