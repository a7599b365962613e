"""Reading catalogue files: JSON in, checked but unsaved rows out, without a query."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from . import strict_json

Row = TypeVar("Row", bound=models.Model)

JSON_TYPES: "dict[type[models.Field[Any, Any]], type]" = {
    models.BooleanField: bool,
    models.IntegerField: int,
    models.CharField: str,
    models.TextField: str,
}


# Fields of all rows that have texts in several languages.
IN_LANGUAGES = frozenset({"language", "translations"})


class CatalogueError(Exception):
    """A sentence that names the file, the row and the field."""


@dataclass(frozen=True)
class Shape(Generic[Row]):
    """The fields of a row in a file. `collections` are fields that become rows of their own.

    The model itself checks of which type the fields `checked_by_model` are.
    """

    model: type[Row]
    key: str
    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    collections: frozenset[str] = field(default_factory=frozenset)
    checked_by_model: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        return str(self.model._meta.model_name)


def read_document(path: Path) -> Any:
    try:
        return strict_json.loads(path.read_bytes())
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise CatalogueError(f"{path.name}: not valid JSON: {error}.") from error


def check_fields(row: Any, where: str, *, required: frozenset[str], optional: frozenset[str]) -> None:
    if not isinstance(row, dict):
        raise CatalogueError(f"{where}: an object is needed, not {json.dumps(row)[:40]}.")
    if missing := sorted(required - row.keys()):
        raise CatalogueError(f"{where}: {missing[0]}: missing.")
    if unknown := sorted(row.keys() - required - optional):
        raise CatalogueError(f"{where}: {unknown[0]}: unknown field.")


def rows_of(document: Mapping[str, Any], collection: str, where: str) -> list[Any]:
    rows = document.get(collection, [])
    if not isinstance(rows, list):
        raise CatalogueError(f"{where}: {collection}: a list is needed.")
    return rows


def in_language_of(document: Mapping[str, Any], row: Any, where: str) -> Any:
    """The row with the language of its file, unless it has one of its own."""
    if not isinstance(document.get("language", ""), str):
        raise CatalogueError(f"{where}: language: a text is needed.")
    return {"language": document["language"], **row} if "language" in document and isinstance(row, dict) else row


def build_row(shape: Shape[Row], row: Any, where: str) -> Row:
    """An unsaved row that the model accepts, or a CatalogueError about its first fault."""
    key = row.get(shape.key) if isinstance(row, dict) else None
    where = f"{where}: {key}" if isinstance(key, str) else f"{where}: {shape.label} without {shape.key}"
    check_fields(row, where, required=shape.required, optional=shape.optional | shape.collections)
    values = {name: value for name, value in row.items() if name not in shape.collections}
    for name, value in values.items():
        if name not in shape.checked_by_model and not _has_type(shape.model._meta.get_field(name), value):
            raise CatalogueError(f"{where}: {name}: {json.dumps(value)[:40]} has the wrong type.")
        _check_storable(value, f"{where}: {name}")
    instance = shape.model(**values)
    _validate(instance, where)
    return instance


def _check_storable(value: Any, where: str) -> None:
    if not strict_json.is_storable(value):
        raise CatalogueError(f"{where}: Text must not contain NUL characters or lone surrogates.")


def _has_type(model_field: Any, value: Any) -> bool:
    if isinstance(model_field, models.JSONField):
        return not model_field.has_default() or isinstance(value, type(model_field.get_default()))
    expected = next(json_type for kind, json_type in JSON_TYPES.items() if isinstance(model_field, kind))
    # `type` instead of isinstance, since True is an int to Python.
    return type(value) is expected or (value is None and model_field.null)


def _validate(instance: models.Model, where: str) -> None:
    relations = {model_field.name for model_field in instance._meta.fields if model_field.is_relation}
    try:
        # Not `full_clean`, which queries the database for each row.
        instance.clean_fields(exclude=relations)
        instance.clean()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise CatalogueError(f"{where}: {name}: {messages[0]}") from error
