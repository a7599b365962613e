"""The draft of a version as a form: one field a number, each with its meaning, instead of JSON."""

import copy
import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from catalogues.editing import ConflictForm
from gamification.models.versions import Version
from gamification.pricing.rules import CURVES
from gamification.versions.numbers import Number, as_text

SPACES = str.maketrans("._", "  ")
TITLE_LINE = re.compile(r"(\d{1,3})\s+(\S.*)")


class FactorField(forms.CharField):
    """Stays text: 1.15 as a float would not be 1.15."""

    def __init__(self, *, least: int, **options) -> None:
        self.least = least
        super().__init__(max_length=20, **options)

    def clean(self, value) -> str:
        text = super().clean(value)
        try:
            fits = self.least <= Fraction(text) <= 10
        except (ValueError, ZeroDivisionError):
            fits = False
        if not fits:
            raise ValidationError(f"Give a number from {self.least} to 10, such as 1.15.")
        return text


class TitlesField(forms.CharField):
    widget = forms.Textarea

    def clean(self, value) -> list[list[int | str]]:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        matches = [TITLE_LINE.fullmatch(line) for line in lines]
        if not all(matches):
            raise ValidationError("Each line takes a level and a title: 10 Apprentice.")
        return [[int(match[1]), match[2]] for match in matches]


class VersionForm(ConflictForm):
    described: list[Number]
    validate_numbers: Callable[[Any], None]

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.fields["note"].required = True
        self.fields["note"].help_text = "Why there is another version."
        numbers = self._numbers()
        for number in self.described:
            value = number.read(numbers)
            shown = as_text(value) if number.kind == "titles" else value
            self.initial.setdefault(number.field_name, shown)

    def clean(self) -> None:
        super().clean()
        if not self.errors:
            numbers = copy.deepcopy(self._numbers())
            for number in self.described:
                number.write(numbers, self.cleaned_data[number.field_name])
            type(self).validate_numbers(numbers)
            self.instance.numbers = numbers

    def _numbers(self) -> dict:
        """Of the draft; a new one begins with what is in force."""
        return (self.instance if self.instance.pk else self._meta.model.objects.published().get()).numbers


def form_of(
    version_model: type[Version], numbers: list[Number], validate: Callable[[Any], None]
) -> type[forms.ModelForm]:
    """Made by type(), since the fields follow from the numbers."""
    meta = type("Meta", (), {"model": version_model, "fields": ["version", "note"]})
    fields = {number.field_name: _field(number) for number in numbers}
    own = {"Meta": meta, "described": numbers, "validate_numbers": staticmethod(validate)}
    return type(f"{version_model.__name__}Form", (VersionForm,), fields | own)


def fieldsets_of(groups: dict[str, Iterable[Number]]) -> list[tuple[str | None, dict[str, Any]]]:
    first: list[tuple[str | None, dict[str, Any]]] = [(None, {"fields": ["version", "note", "opened"]})]
    return first + [(group, {"fields": [number.field_name for number in numbers]}) for group, numbers in groups.items()]


def _field(number: Number) -> forms.Field:
    words = {"label": number.path.translate(SPACES).capitalize(), "help_text": number.words}
    if number.kind == "factor":
        return FactorField(least=number.least, **words)
    if number.kind == "curve":
        return forms.ChoiceField(choices=[(kind, kind) for kind in CURVES], **words)
    if number.kind == "titles":
        return TitlesField(**words)
    return forms.IntegerField(min_value=number.least, max_value=number.most, required=not number.optional, **words)
