"""What the admin pages of catalogues have in common."""

import json
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .texts import normal_form

CONFLICT = _(
    "Somebody else has changed it since you opened this page, so nothing is saved. Open the page again to see what "
    "changed, and repeat your change there."
)


def fingerprint(instance: Model) -> str:
    """The same for the same values of everything that a form can edit."""
    values = forms.model_to_dict(instance)
    text = json.dumps(values, sort_keys=True, default=_plain)
    return sha256(text.encode()).hexdigest()[:32]


def _plain(value: object) -> object:
    return value.pk if isinstance(value, Model) else str(value)


class ConflictForm(forms.ModelForm):
    """Refuses to save if the row has changed since the form was shown."""

    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["opened"] = fingerprint(self.instance)

    def add_error(self, field: str | None, error: Any) -> None:
        """What is wrong with translations that this form does not show is shown above it."""
        if hasattr(error, "error_dict") and "translations" in error.error_dict:
            others = dict(error.error_dict)
            hidden = others.pop("translations")
            error = ValidationError({**others, NON_FIELD_ERRORS: [*others.get(NON_FIELD_ERRORS, []), *hidden]})
        super().add_error(field, error)

    def clean(self) -> None:
        super().clean()
        if self.instance.pk and self.cleaned_data.get("opened") != self._stored_fingerprint():
            raise ValidationError(CONFLICT, "conflict")

    def _stored_fingerprint(self) -> str | None:
        """Of the row, locked for the transaction in which the admin saves; None if it has been deleted."""
        rows = type(self.instance)._default_manager.select_for_update(no_key=True)
        stored = rows.filter(pk=self.instance.pk).first()
        return fingerprint(stored) if stored else None


class NormalSearchAdmin(admin.ModelAdmin):
    """Texts are stored in normal form; a search finds them in any other form too."""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return super().get_search_results(request, queryset, normal_form(search_term))


class CatalogueAdmin(NormalSearchAdmin):
    """Edits that conflict are refused."""

    form = ConflictForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        *others, (title, options) = fieldsets
        return [*others, (title, {**options, "fields": [*options["fields"], "opened"]})]
