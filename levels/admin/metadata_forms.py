"""The metadata of a level as fields: those that the product knows, and JSON for the others."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from catalogues.form_fields import ParagraphField
from levels.models import Level
from levels.models.level import METADATA_TEXTS
from levels.validators import MAX_COUNT, MAX_JSON_LENGTH, METADATA_COUNTS

KNOWN = {**dict.fromkeys(METADATA_TEXTS, str), **dict.fromkeys(METADATA_COUNTS, int)}


def known_metadata(metadata: Any) -> dict[str, Any]:
    """What of it has a field of its own; a value of another type stays with the JSON."""
    if not isinstance(metadata, Mapping):
        return {}
    return {name: metadata[name] for name, kind in KNOWN.items() if type(metadata.get(name)) is kind}


def count_field(label: str, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MAX_COUNT, help_text=help_text)


class MetadataForm(forms.ModelForm):
    """A mixin: the field `metadata` shows what no other field does, and becomes the whole when the form is cleaned."""

    eyebrow = forms.CharField(
        required=False,
        max_length=MAX_JSON_LENGTH,
        strip=False,
        widget=AdminTextInputWidget,
        help_text="A short line above the name before a play, such as a place and a time.",
    )
    intro = ParagraphField(
        required=False, max_length=MAX_JSON_LENGTH, strip=False, help_text="Before a play, instead of the description."
    )
    min_seconds = count_field("Fewest seconds", "Results that are faster wait for a decision. Left empty: none does.")
    min_correct = count_field("Right answers needed", "Of results that say how many answers were right.")
    total_questions = count_field("Answers in all", "Of results that say how many answers were right.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._metadata = self.instance.metadata
        if isinstance(self._metadata, dict):
            known = known_metadata(self._metadata)
            self.initial.update(known)
            self.initial["metadata"] = {name: value for name, value in self._metadata.items() if name not in known}

    def clean(self) -> None:
        super().clean()
        others = self.cleaned_data.get("metadata") or {}
        given = {name: value for name in KNOWN if (value := self.cleaned_data.get(name)) not in (None, "")}
        if isinstance(others, dict) and (twice := sorted(others.keys() & given.keys())):
            self.add_error("metadata", f"“{twice[0]}” has a field of its own.")
        elif isinstance(others, dict) and "metadata" in self.cleaned_data:
            self.cleaned_data["metadata"] = {**others, **given}

    @cached_property
    def changed_data(self) -> list[str]:
        others = [name for name in super().changed_data if name not in KNOWN and name != "metadata"]
        return others if self.instance.metadata == self._metadata else [*others, "metadata"]

    def add_error(self, field: str | None, error: Any) -> None:
        """Counts that contradict each other are shown at their field."""
        if hasattr(error, "error_dict") and "metadata" in error.error_dict:
            moved = dict(error.error_dict)
            for fault in moved.pop("metadata"):
                moved.setdefault("min_correct" if fault.code == "min_correct" else "metadata", []).append(fault)
            error = ValidationError(moved)
        super().add_error(field, error)


class MetadataAdmin(admin.ModelAdmin):
    """Whoever may only view a level sees these instead of the fields of the form."""

    @admin.display(description="Eyebrow")
    def eyebrow(self, level: Level) -> str:
        return str(known_metadata(level.metadata).get("eyebrow", ""))

    @admin.display(description="Intro")
    def intro(self, level: Level) -> str:
        return str(known_metadata(level.metadata).get("intro", ""))

    @admin.display(description="Fewest seconds")
    def min_seconds(self, level: Level) -> int | None:
        return known_metadata(level.metadata).get("min_seconds")
