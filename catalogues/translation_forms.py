"""Editing the translations of a row in the admin: one fieldset a language, one field a text, lists as lines."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.text import capfirst

from .editing import CatalogueAdmin, ConflictForm
from .form_fields import lines_of
from .texts import normal_form
from .translations import TranslatedRow, texts_in

PREFIX = "translated"


def field_name(text: str, language: str) -> str:
    return f"{PREFIX}_{language}_{text}"


def other_languages(row: TranslatedRow) -> list[tuple[str, str]]:
    """Than that of its own texts, in which it is stored."""
    return [(code, name) for code, name in settings.LANGUAGES if code != row.language]


def translated_fields(*texts: str) -> list[str]:
    """For `search_fields`."""
    return [f"translations__{code}__{text}" for code, _name in settings.LANGUAGES for text in texts]


class TranslatedForm(ConflictForm):
    # Those that are written on several lines.
    long_texts: ClassVar[Sequence[str]] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.languages = [code for code, _name in other_languages(self.instance)]
        self.texts = self.names_of(self.instance)
        self._before = self.instance.translations
        for language in self.languages:
            texts = texts_in(self.instance, language)
            for name in self.texts:
                self.fields[field_name(name, language)] = self.text_field(name)
                self.initial[field_name(name, language)] = self.written(name, texts)

    @staticmethod
    def names_of(row: Any) -> Sequence[str]:
        """The texts that have a field of their own."""
        names: Sequence[str] = row.text_names()
        return names

    def text_field(self, name: str) -> forms.CharField:
        is_long = name in self.long_texts or self._is_list(name)
        widget = AdminTextareaWidget(attrs={"rows": 4}) if is_long else AdminTextInputWidget()
        words = "One entry a line, as many as in the row's own language." if self._is_list(name) else ""
        label = capfirst(name.replace("_", " "))
        return forms.CharField(label=label, required=False, max_length=20_000, widget=widget, help_text=words)

    def written(self, name: str, texts: Mapping[str, Any]) -> str:
        """As people edit it."""
        text = texts.get(name, "")
        return "\n".join(map(str, text)) if isinstance(text, list) else text

    def read(self, name: str, written: str) -> dict[str, Any]:
        """The texts that follow from what was written; raises ValueError."""
        return {name: lines_of(written) if self._is_list(name) else written}

    def clean(self) -> None:
        super().clean()
        translations = dict(self._before)
        for language in self.languages:
            translations[language] = self._texts_in(language)
        self.instance.translations = {language: texts for language, texts in translations.items() if texts}

    @cached_property
    def changed_data(self) -> list[str]:
        own = [name for name in super().changed_data if not name.startswith(f"{PREFIX}_")]
        return own if self.instance.translations == self._before else [*own, "translations"]

    def add_error(self, field: str | None, error: Any) -> None:
        """What the model finds wrong with a translation is shown at its text."""
        if hasattr(error, "error_dict") and "translations" in error.error_dict:
            moved = dict(error.error_dict)
            for message in ValidationError(moved.pop("translations")).messages:
                place, words = self._place_of(message)
                moved.setdefault(place, []).append(ValidationError(words))
            error = ValidationError(moved)
        super().add_error(field, error)

    def _place_of(self, message: str) -> tuple[str, str]:
        language, name, words = [*message.split(": ", 2), "", ""][:3]
        field = field_name(self.place_of(name), language)
        return (field, words) if field in self.fields else (NON_FIELD_ERRORS, message)

    def place_of(self, name: str) -> str:
        """The field in which the text is edited."""
        return name

    def _texts_in(self, language: str) -> dict[str, Any]:
        texts: dict[str, Any] = {}
        for name in self.texts:
            written = normal_form(self.cleaned_data.get(field_name(name, language), "")).replace("\r\n", "\n")
            try:
                texts |= self.read(name, written) if written else {}
            except ValueError as error:
                self.add_error(field_name(name, language), str(error))
        return texts

    def _is_list(self, name: str) -> bool:
        fields = self.instance._meta._forward_fields_map
        return isinstance(fields.get(name), models.JSONField)


class TranslatedAdmin(CatalogueAdmin):
    form: type[TranslatedForm] = TranslatedForm
    exclude = ["translations"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """The form adds the fields of translations itself."""
        names = options.pop("fields", None) or flatten_fieldsets(self.get_fieldsets(request, obj))
        options["fields"] = [name for name in names if not name.startswith(f"{PREFIX}_")]
        return super().get_form(request, obj, change, **options)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        first, *others = super().get_fieldsets(request, obj)
        return [first, *self._of_languages(request, obj), *others]

    def _of_languages(self, request: HttpRequest, obj: Any) -> list[Any]:
        if obj is not None and not self.has_change_permission(request, obj):
            return [("Translations", {"fields": ["translated_texts"]})]
        row = obj or self.model()
        texts = self.form.names_of(row)
        return [
            (f"In {name}", {"fields": [field_name(text, code) for text in texts], "classes": ["collapse"]})
            for code, name in other_languages(row)
        ]

    # Whoever may only view a row sees this instead of the fields of the form.
    @admin.display(description="Texts")
    def translated_texts(self, row: Any) -> str:
        lines = [(code, name, text) for code, texts in row.translations.items() for name, text in texts.items()]
        return format_html_join("", "<p>{} {}: {}</p>", lines)
