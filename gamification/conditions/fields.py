"""Conditions as a model field and as a form field, which explain what is wrong with a condition."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext as _

from catalogues.strict_json import unique_pairs

from .schema import validate_condition


class ConditionFormField(forms.JSONField):
    widget = forms.Textarea(attrs={"rows": 8, "cols": 80, "spellcheck": "false"})
    # `{}` is an invalid condition, not a missing one.
    empty_values = [None, ""]

    def to_python(self, value: Any) -> Any:
        """Unlike Django's field, say where the JSON is wrong, and refuse duplicate keys."""
        if self.disabled or not isinstance(value, str) or value in self.empty_values:
            return super().to_python(value)
        try:
            return json.loads(value, object_pairs_hook=unique_pairs)
        except json.JSONDecodeError as error:
            raise ValidationError(
                _("Not JSON: line %(lineno)s, column %(colno)s: %(msg)s.")
                % {"lineno": error.lineno, "colno": error.colno, "msg": error.msg},
                "invalid",
            ) from error
        except (ValueError, RecursionError) as error:  # duplicate keys, a number of 5000 digits, 10 000 brackets
            raise ValidationError(_("Not a condition: %(error)s.") % {"error": error}, "invalid") from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show what was entered unchanged, whether it can be parsed or not."""
        if self.disabled:
            return initial
        return None if data is None else InvalidJSONInput(data)


class ConditionField(models.JSONField):
    """A valid condition; null, if the field allows it, means that it cannot be earned, only awarded by hand."""

    default_validators = [validate_condition]
    # By default Django skips the validators for `{}`, `[]` and "".
    empty_values = [None]

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": ConditionFormField, **options})
