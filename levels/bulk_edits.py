"""One change of many levels, in a constant number of statements. It keeps the rules of a change of one level."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from catalogues.bulk import BulkPlan, differs, with_fields

from .approvals import needs_approval, xp_estimator
from .dependants import dependants_of
from .models import Level

PAYING = {"difficulty"}  # of the fields that are set in bulk, those that change what a level pays


def plan_bulk_edit(keys: Collection[int], fields: Mapping[str, Any]) -> BulkPlan:
    return _plan(list(Level.objects.filter(pk__in=keys).order_by("pk")), fields)


@transaction.atomic
def apply_bulk_edit(keys: Collection[int], fields: Mapping[str, Any], *, shown: str, at: datetime) -> BulkPlan:
    """`shown` is the fingerprint of the plan that somebody has read; raise ChangedMeanwhileError if it is another now.

    Levels whose change takes a second person are left out.
    """
    plan = _plan(list(Level.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")), fields)
    plan.expect(shown)
    if "category" in fields:
        _forget_names_of_categories(plan.changed)
    Level.objects.filter(pk__in=[level.pk for level in plan.changed]).update(**fields, updated_at=at)
    return plan


def _plan(levels: Sequence[Level], fields: Mapping[str, Any]) -> BulkPlan:
    to_change = [level for level in levels if differs(level, fields)]
    refused = _refused(to_change, fields)
    changed = [level for level in to_change if level not in refused]
    unpublished = [level for level in changed if level.published and not fields.get("published", True)]
    return BulkPlan(
        fields=fields,
        changed=changed,
        refused=refused,
        unchanged=len(levels) - len(to_change),
        warnings=[one.words for one in dependants_of(unpublished) if one.is_open] if unpublished else [],
    )


def _refused(levels: Sequence[Level], fields: Mapping[str, Any]) -> list[Level]:
    if fields.keys().isdisjoint(PAYING):
        return []
    estimate = xp_estimator()
    return [level for level in levels if needs_approval(level, with_fields(level, fields), estimate=estimate)]


def _forget_names_of_categories(levels: Sequence[Level]) -> None:
    """Translations name the category that the levels leave."""
    changed = [level for level in levels if any("category" in texts for texts in level.translations.values())]
    for level in changed:
        kept = {language: {**texts} for language, texts in level.translations.items()}
        for texts in kept.values():
            texts.pop("category", None)
        level.translations = {language: texts for language, texts in kept.items() if texts}
    Level.objects.bulk_update(changed, ["translations"])
