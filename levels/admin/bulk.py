"""What editors do to many levels at once."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from catalogues.bulk import BulkPlan
from catalogues.bulk_admin import BulkAdmin, BulkForm, bulk_action, setting
from levels.bulk_edits import apply_bulk_edit, plan_bulk_edit
from levels.choices import Difficulty
from levels.models import Section


def places() -> list[tuple[str, Any]]:
    """Sections, each with its units; the value is “section/unit”, or “section/” for no unit."""
    return [("", "---------"), *((section.title, _places_in(section)) for section in _sections())]


def _sections() -> Any:
    return Section.objects.prefetch_related("units")


def _places_in(section: Section) -> list[tuple[str, str]]:
    units = [(f"{section.section_id}/{unit.unit_id}", f"{section.title}: {unit.title}") for unit in section.units.all()]
    return [(f"{section.section_id}/", f"{section.title}: in no unit"), *units]


class MoveForm(BulkForm):
    to = forms.ChoiceField(label="Section or unit", choices=places)

    def chosen(self) -> dict[str, Any]:
        category, unit = self.cleaned_data["to"].split("/")
        return {"category": category, "unit": unit}


class DifficultyForm(BulkForm):
    to = forms.ChoiceField(label="Difficulty", choices=Difficulty.choices)

    def chosen(self) -> dict[str, Any]:
        return {"difficulty": self.cleaned_data["to"]}


class BulkLevelAdmin(BulkAdmin):
    actions = [
        bulk_action("publish", "Publish…", setting(published=True)),
        bulk_action("unpublish", "Unpublish…", setting(published=False)),
        bulk_action("unlock", "Unlock…", setting(unlocked=True)),
        bulk_action("lock", "Lock…", setting(unlocked=False)),
        bulk_action("move", "Move to a section or unit…", MoveForm),
        bulk_action("set_difficulty", "Change the difficulty…", DifficultyForm),
    ]

    def plan_of(self, request: HttpRequest, keys: Sequence[int], fields: dict[str, Any]) -> BulkPlan:
        return plan_bulk_edit(keys, fields)

    def apply(self, request: HttpRequest, keys: Sequence[int], fields: dict[str, Any], *, shown: str) -> BulkPlan:
        return apply_bulk_edit(keys, fields, shown=shown, at=timezone.now())
