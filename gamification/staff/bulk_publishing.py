"""Publishing and unpublishing many achievements or badges at once, by the rules of one."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from approvals.services import is_above_limit, second_person_is_needed, wait_for_turn
from catalogues.bulk import BulkPlan
from gamification.models import Achievement, Earnable

from .achievement_approvals import EDITS_WITHIN, worth_of_edits


def plan_publishing(
    model: type[Earnable], keys: Collection[int], *, published: bool, actor: Any, at: datetime
) -> BulkPlan:
    rows = model._default_manager.filter(pk__in=keys).order_by("pk")
    return _plan(list(rows), published=published, actor=actor, at=at)


@transaction.atomic
def set_published(
    model: type[Earnable], keys: Collection[int], *, published: bool, actor: Any, at: datetime, shown: str
) -> BulkPlan:
    """As `apply_bulk_edit` of levels. Raise ChangedMeanwhileError."""
    wait_for_turn(actor)
    rows = model._default_manager.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    plan = _plan(list(rows), published=published, actor=actor, at=at)
    plan.expect(shown)
    model._default_manager.filter(pk__in=[row.pk for row in plan.changed]).update(published=published)
    return plan


def _plan(rows: Sequence[Any], *, published: bool, actor: Any, at: datetime) -> BulkPlan:
    to_change = [row for row in rows if row.published != published]
    refused = _above_limit(to_change, actor=actor, at=at) if published else []
    changed = [row for row in to_change if row not in refused]
    return BulkPlan({"published": published}, changed, refused, unchanged=len(rows) - len(to_change))


def _above_limit(rows: Sequence[Any], *, actor: Any, at: datetime) -> list[Any]:
    """Those by which a learner could get more from all edits of this person than one person may give."""
    if not second_person_is_needed() or not any(isinstance(row, Achievement) and row.xp_reward for row in rows):
        return []
    total, refused = worth_of_edits(actor, since=at - EDITS_WITHIN), []
    for row in rows:
        if is_above_limit(total + row.xp_reward) and row.xp_reward:
            refused.append(row)
        else:
            total += row.xp_reward
    return refused
