"""A condition as a database field and as a form field: JSON that is read strictly and refused with the reason."""

import json

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.fields import InvalidJSONInput

from catalogues.strict_json import unique_pairs

from .schema import validate_condition


class ConditionFormField(forms.JSONField):
    widget = forms.Textarea(attrs={"rows": 8, "cols": 80, "spellcheck": "false"})
    # `{}` is a condition, though a bad one, not the absence of one.
    empty_values = [None, ""]

    def to_python(self, value):
        """Unlike Django's: says where the JSON is wrong, and does not choose between two keys of one name."""
        if self.disabled or not isinstance(value, str) or value in self.empty_values:
            return super().to_python(value)
        try:
            return json.loads(value, object_pairs_hook=unique_pairs)
        except json.JSONDecodeError as error:
            raise ValidationError(
                f"Not JSON: line {error.lineno}, column {error.colno}: {error.msg}.", "invalid"
            ) from error
        except (ValueError, RecursionError) as error:  # a key twice, a number of 5000 digits, 10 000 brackets
            raise ValidationError(f"Not a condition: {error}.", "invalid") from error

    def bound_data(self, data, initial):
        """What was typed comes back as it was typed, readable or not."""
        if self.disabled:
            return initial
        return None if data is None else InvalidJSONInput(data)


class ConditionField(models.JSONField):
    """A valid condition; null, where the field allows it, means that nothing is earned by itself."""

    default_validators = [validate_condition]
    # Django would let `{}`, `[]` and "" pass by the validators.
    empty_values = [None]

    def formfield(self, **options):
        return super().formfield(**{"form_class": ConditionFormField, **options})
