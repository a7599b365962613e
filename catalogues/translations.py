"""The texts of a row of a catalogue in several languages, as data of the row."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Value
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .strict_json import is_storable
from .texts import NormalJSONField


def languages() -> list[tuple[str, str]]:
    """As a function, so that a further language changes no model."""
    return list(settings.LANGUAGES)


class TranslatedRow(models.Model):
    """`language` is that of the row's own texts; `translations` has the same texts in other languages.

    A list is translated entry by entry: it has the same length and order in each language.
    """

    # The names of its texts: fields, or whatever else `own_text` knows.
    TEXTS: ClassVar[Sequence[str]]

    language = models.CharField(
        max_length=10, choices=languages, default="en", db_default="en", help_text="Of the texts of this row itself."
    )
    translations = NormalJSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        blank=True,
        help_text='By language, then by field: {"id": {"name": "…"}}',
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        # The admin stores an emptied field as null.
        self.translations = self.translations or {}
        _check(self)

    def text_names(self) -> Sequence[str]:
        return self.TEXTS

    def own_text(self, name: str) -> Any:
        return getattr(self, name)

    def translated(self, name: str) -> Any:
        """In the active language, or where there is no translation, the row's own text."""
        own, language = self.own_text(name), get_language()
        text = None if language == self.language else texts_in(self, language).get(name)
        return text if _fits(text, own) else own

    def text_in(self, name: str, language: str) -> Any:
        """None where it has none in this language."""
        return self.own_text(name) if language == self.language else texts_in(self, language).get(name)

    @property
    def shown(self) -> "ShownTexts":
        return ShownTexts(self)

    def missing_texts(self, language: str) -> list[str]:
        """Which of its texts are not given in this language."""
        if language == self.language:
            return []
        given = texts_in(self, language)
        return [name for name in self.text_names() if self.own_text(name) and not given.get(name)]

    def check_texts(self, texts: Mapping[str, Any]) -> None:
        """Raises ValidationError by field if these cannot be the texts of the row in another language."""
        for name, text in texts.items():
            expect(name in self.text_names(), name, _("There is no such text to translate."))
            own = self.own_text(name)
            expect(bool(own), name, _("It has no text in the row's own language."))
            kind = _("Give a list.") if isinstance(own, list) else _("Give a text.")
            expect(type(text) is type(own), name, kind)
            expect(bool(text), name, _("It is empty. Leave it out instead."))
            expect(
                _fits(text, own),
                name,
                _("Give as many entries as in the row's own language: %(number)s.") % {"number": len(own)},
            )
            self.check_text(name, text)

    def check_text(self, name: str, text: Any) -> None:
        """Raises ValidationError by field, for what the field itself would refuse."""
        field: Any = self._meta.get_field(name)
        try:
            field.clean(text, self)
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from error
        limit = getattr(field, "max_length", None)
        expect(limit is None or len(text) <= limit, name, _("Longer than %(limit)s characters.") % {"limit": limit})


class ShownTexts:
    """The texts of a row in the active language, as attributes: for templates and sources of serializers."""

    def __init__(self, row: TranslatedRow) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return self._row.translated(name)


def texts_in(row: TranslatedRow, language: str | None) -> Mapping[str, Any]:
    texts = row.translations.get(language) if isinstance(row.translations, dict) else None
    return texts if isinstance(texts, dict) else {}


def expect(condition: bool, field: str, message: str) -> None:
    if not condition:
        raise ValidationError({field: message})


def translate(data: dict[str, Any], row: TranslatedRow) -> dict[str, Any]:
    """`data` with the texts of the row in the active language."""
    return data | {name: row.translated(name) for name in row.text_names() if name in data}


def _fits(text: Any, own: Any) -> bool:
    return bool(text) and type(text) is type(own) and (not isinstance(own, list) or len(text) == len(own))


def _check(row: TranslatedRow) -> None:
    """Raises ValidationError, which names language and field."""
    _expect_translations(isinstance(row.translations, dict), _("Give an object of languages."))
    _expect_translations(is_storable(row.translations), _("Text must not contain NUL characters or lone surrogates."))
    known = dict(settings.LANGUAGES)
    for language, texts in row.translations.items():
        _expect_translations(
            language in known,
            _("%(language)s: not one of %(known)s.") % {"language": language, "known": ", ".join(known)},
        )
        _expect_translations(
            language != row.language,
            _("%(language)s: the row's own texts are in this language.") % {"language": language},
        )
        _expect_translations(
            isinstance(texts, dict), _("%(language)s: Give an object of texts.") % {"language": language}
        )
        _check_texts(row, language, texts)


def _check_texts(row: TranslatedRow, language: str, texts: Mapping[str, Any]) -> None:
    try:
        row.check_texts(texts)
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise ValidationError({"translations": f"{language}: {name}: {messages[0]}"}) from error


def _expect_translations(condition: bool, message: str) -> None:
    expect(condition, "translations", message)
