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

from .conflicts import Links, earlier_version, sentences, take_over
from .texts import normal_form

CONFLICT = _(
    "Somebody else has changed it since you opened this page, so nothing is saved. Open the page again to see what "
    "changed, and repeat your change there."
)

CHANGED_MEANWHILE = _("Somebody else has changed it since you opened this page, so nothing is saved yet.")
DELETED = _("Somebody else has deleted it since you opened this page.")
BOTH_KEPT = _("Below are their changes and yours together. Save again to keep them.")
YOURS_KEPT = _(
    "Below are their changes and yours; where both of you changed the same, yours: %(fields)s. Save again to keep that."
)


def fingerprint(instance: Model, links: Links | None = None) -> str:
    """The same for the same values of everything that a form can edit. `links` are relations as they once were."""
    values = {**forms.model_to_dict(instance), **(links or {})}
    text = json.dumps(values, sort_keys=True, default=_plain)
    return sha256(text.encode()).hexdigest()[:32]


def _plain(value: object) -> object:
    return value.pk if isinstance(value, Model) else str(value)


class ConflictForm(forms.ModelForm):
    """Refuses to save if the row has changed since the form was shown."""

    data: Any
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
        opened = self.cleaned_data.get("opened")
        if self.instance.pk and opened != (stored := self._stored())[1]:
            raise ValidationError(self._conflict(opened or "", *stored))

    def _stored(self) -> tuple[Model | None, str | None]:
        """The row, locked for the transaction in which the admin saves, with its fingerprint; None if it is gone."""
        rows = type(self.instance)._default_manager.select_for_update(no_key=True)
        stored = rows.filter(pk=self.instance.pk).first()
        return stored, fingerprint(stored) if stored else None

    def _conflict(self, opened: str, stored: Model | None, now: str | None) -> list[ValidationError]:
        """What to say of it; the form then has what was typed, with the changes of others, and can be saved again."""
        if stored is None:
            return [ValidationError(DELETED, "conflict")]
        earlier = earlier_version(stored, opened, fingerprint)
        if earlier is None:
            return [ValidationError(CONFLICT, "conflict")]
        kept = take_over(self, earlier, stored)
        self.data[self.add_prefix("opened")] = now
        ends = YOURS_KEPT % {"fields": ", ".join(kept)} if kept else BOTH_KEPT
        return [
            ValidationError(each, "conflict") for each in (CHANGED_MEANWHILE, *sentences(stored, earlier.since), ends)
        ]


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
