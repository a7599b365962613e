"""Catalogue files of achievements and badges: JSON in, checked but unsaved rows out, without asking the database."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models

from gamification.models import Achievement, Badge, Earnable

COLLECTIONS = {"achievements": Achievement, "badges": Badge}
KEYS = {Achievement: "achievement_id", Badge: "name"}
REQUIRED = {
    Achievement: {"achievement_id", "name", "category", "condition"},
    Badge: {"name", "condition"},
}
OPTIONAL = {
    Achievement: {"description", "rarity", "icon", "xp_reward", "hidden", "published", "position"},
    Badge: {"description", "icon_url", "published", "position"},
}
JSON_TYPES = {models.BooleanField: bool, models.IntegerField: int, models.CharField: str}


class CatalogueError(Exception):
    """A sentence that names the file, the row and the field."""


@dataclass(frozen=True)
class CatalogueFile:
    name: str
    rows: list[Earnable]


def read_catalogue_file(path: Path) -> CatalogueFile:
    document, name = _parse(path), path.name
    _check_fields(document, name, required=set(), optional=set(COLLECTIONS))
    if not document:
        raise CatalogueError(f"{name}: neither achievements nor badges are in it.")
    return CatalogueFile(
        name, [_build(COLLECTIONS[key], row, name) for key in document for row in _rows(document, key, name)]
    )


def _parse(path: Path):
    try:
        return json.loads(path.read_bytes(), object_pairs_hook=_without_duplicates)
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:  # bad UTF-8 is a ValueError too
        raise CatalogueError(f"{path.name}: not valid JSON: {error}.") from error


def _without_duplicates(pairs):
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise ValueError(f"a field is there twice: {twice[0]}")
    return dict(pairs)


def _check_fields(row, where: str, *, required: set[str], optional: set[str]) -> None:
    if not isinstance(row, dict):
        raise CatalogueError(f"{where}: an object is needed, not {json.dumps(row)[:40]}.")
    if missing := sorted(required - row.keys()):
        raise CatalogueError(f"{where}: {missing[0]}: missing.")
    if unknown := sorted(row.keys() - required - optional):
        raise CatalogueError(f"{where}: {unknown[0]}: unknown field.")


def _rows(document: dict, collection: str, name: str) -> list:
    if not isinstance(document[collection], list):
        raise CatalogueError(f"{name}: {collection}: a list is needed.")
    return document[collection]


def _build(model: type[Earnable], row, name: str) -> Earnable:
    """An unsaved row that would be accepted, or a CatalogueError about its first fault."""
    key = row.get(KEYS[model]) if isinstance(row, dict) else None
    where = f"{name}: {key}" if isinstance(key, str) else f"{name}: {model._meta.model_name} without {KEYS[model]}"
    _check_fields(row, where, required=REQUIRED[model], optional=OPTIONAL[model])
    for field, value in row.items():
        _check_value(model._meta.get_field(field), value, f"{where}: {field}")
    built = model(**row)
    try:
        # Not `full_clean`: it would ask the database about each row.
        built.clean_fields()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise CatalogueError(f"{where}: {field}: {messages[0]}") from error
    return built


def _check_value(field: models.Field, value, where: str) -> None:
    expected = next((json_type for kind, json_type in JSON_TYPES.items() if isinstance(field, kind)), None)
    # A condition speaks for itself. `type` instead of isinstance: True is an int to Python, and not to anybody else.
    if expected and type(value) is not expected:
        raise CatalogueError(f"{where}: {json.dumps(value)[:40]} has the wrong type.")
    if expected is str and not _is_storable(value):
        raise CatalogueError(f"{where}: NUL characters and halves of characters cannot be stored.")


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
