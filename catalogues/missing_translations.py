"""Which published rows lack texts in one of the languages."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db.models import QuerySet

from .translations import TranslatedRow

# Where a row says whether it is published, by the field that it needs for that.
PUBLISHED = {"": "published", "level__": "level"}


@dataclass(frozen=True)
class Missing:
    """The rows of one kind that lack texts in a language: their identifiers, each with the names of the texts."""

    language: str
    kind: str
    rows: dict[str, list[str]]

    def __str__(self) -> str:
        words = "; ".join(f"{identifier} ({', '.join(names)})" for identifier, names in self.rows.items())
        return f"{len(self.rows)} {self.kind} without all texts in “{self.language}”: {words}."


def missing_translations() -> list[Missing]:
    """One statement for each kind of row."""
    return [missing for model in _models() for missing in _of(list(_published(model)))]


def identifier_of(row: TranslatedRow) -> str:
    return str(getattr(row, f"{row._meta.model_name}_id", row))


def _models() -> list[type[TranslatedRow]]:
    return [model for model in apps.get_models() if issubclass(model, TranslatedRow)]


def _published(model: type[TranslatedRow]) -> QuerySet[TranslatedRow]:
    """A question counts where its level is published too; sections and units are always shown."""
    names = {field.name for field in model._meta.fields}
    conditions = {f"{name}published": True for name, holder in PUBLISHED.items() if holder in names}
    return model._default_manager.filter(**conditions).order_by("pk")


def _of(rows: list[TranslatedRow]) -> Iterator[Missing]:
    for language, _name in settings.LANGUAGES:
        lacking = {identifier_of(row): names for row in rows if (names := row.missing_texts(language))}
        if lacking:
            yield Missing(language, str(rows[0]._meta.verbose_name_plural), lacking)
