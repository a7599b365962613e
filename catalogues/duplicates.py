"""A copy of a row of a catalogue: names and identifiers that are free, and one copy for a double click."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _

from .translations import TranslatedRow

Row = TypeVar("Row", bound=TranslatedRow)

DOUBLE_CLICK = timedelta(seconds=10)
ROOM = 8  # characters for a number behind the name


def copy_of(row: Row, **fields: Any) -> Row:
    """Unsaved and unpublished, with a name that is free in each language; `fields` are others that differ."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.editable}
    values.pop(row._meta.pk.attname, None)
    values |= {"published": False, "name": _free_name(row), "translations": _translations_of(row), **fields}
    return type(row)(**values)


def free_slug(row: Row, field: str) -> str:
    limit: int = row._meta.get_field(field).max_length  # type: ignore[union-attr,assignment]
    return _free(
        type(row), field, f"{getattr(row, field)}"[: limit - ROOM - 5] + "-copy", lambda stem, n: f"{stem}-{n}"
    )


def recent_copy(row: Row, *, actor: Any, at: datetime) -> Row | None:
    """The one that this person made of it a moment ago, by the first of two clicks. Call it with the row locked."""
    made = type(row).history.filter(  # type: ignore[attr-defined]
        history_type="+",
        history_user=actor.pk,
        history_date__gt=at - DOUBLE_CLICK,
        name__startswith=_copied(row.own_text("name"), row.language, type(row)),
    )
    keys = made.values(row._meta.pk.attname)
    return type(row)._default_manager.filter(pk__in=keys).first()


def _free_name(row: Row) -> str:
    return _free(
        type(row),
        "name",
        _copied(row.own_text("name"), row.language, type(row)),
        lambda stem, number: f"{stem} ({number})",
    )


def _translations_of(row: Row) -> dict[str, Any]:
    """As the row's own, but for the name: clients may refer to a row by that of any language."""
    known = dict(settings.LANGUAGES)
    return {
        language: {**texts, "name": _copied(texts["name"], language, type(row))} if "name" in texts else texts
        for language, texts in row.translations.items()
        if language in known
    }


def _copied(name: str, language: str, model: type[models.Model]) -> str:
    limit: int = model._meta.get_field("name").max_length  # type: ignore[union-attr,assignment]
    with translation.override(language):
        return (_("Copy of %(name)s") % {"name": name})[: limit - ROOM].rstrip()


def _free(model: type[models.Model], field: str, stem: str, numbered: Callable[[str, int], str]) -> str:
    taken = set(model._default_manager.filter(**{f"{field}__startswith": stem}).values_list(field, flat=True))
    number, found = 1, stem
    while found in taken:
        number += 1
        found = numbered(stem, number)
    return found
