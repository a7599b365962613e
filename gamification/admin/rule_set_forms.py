"""The draft of a rule set as a form: one field a number, each with its meaning, instead of JSON."""

import copy
import re
from fractions import Fraction

from django import forms
from django.core.exceptions import ValidationError

from catalogues.editing import ConflictForm
from gamification.models import XPRuleSet
from gamification.pricing.rules import CURVES, validate_rules
from gamification.rule_sets.descriptions import GROUPS, NUMBERS, Number, as_text

SPACES = str.maketrans("._", "  ")
TITLE_LINE = re.compile(r"(\d{1,3})\s+(\S.*)")


def field_name(number: Number) -> str:
    return number.path.replace(".", "__")


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


def _field(number: Number) -> forms.Field:
    words = {"label": number.path.translate(SPACES).capitalize(), "help_text": number.words}
    if number.kind == "factor":
        return FactorField(least=number.least, **words)
    if number.kind == "curve":
        return forms.ChoiceField(choices=[(kind, kind) for kind in CURVES], **words)
    if number.kind == "titles":
        return TitlesField(**words)
    return forms.IntegerField(min_value=number.least, max_value=number.most, required=not number.optional, **words)


class _RuleSetForm(ConflictForm):
    class Meta:
        model = XPRuleSet
        fields = ["version", "note"]

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.fields["note"].required = True
        self.fields["note"].help_text = "Why there is another version."
        for number in NUMBERS:
            value = number.read(self._rules())
            shown = as_text(value) if number.kind == "titles" else value
            self.initial.setdefault(field_name(number), shown)

    def clean(self) -> None:
        super().clean()
        if not self.errors:
            rules = copy.deepcopy(self._rules())
            for number in NUMBERS:
                number.write(rules, self.cleaned_data[field_name(number)])
            validate_rules(rules)
            self.instance.rules = rules

    def _rules(self) -> dict:
        """Of the draft; a new one begins with what is in force."""
        return self.instance.rules if self.instance.pk else XPRuleSet.objects.published().get().rules


# Made by type(), since the fields follow from the numbers.
RuleSetForm = type("RuleSetForm", (_RuleSetForm,), {field_name(number): _field(number) for number in NUMBERS})
FIELDSETS = [
    (None, {"fields": ["version", "note", "opened"]}),
    *[(group, {"fields": [field_name(number) for number in numbers]}) for group, numbers in GROUPS.items()],
]
