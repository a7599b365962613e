"""Catalogue files: JSON in, checked but unsaved rows out. Nothing here touches the database."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models

from levels.api.serializers import LEVEL_FIELDS
from levels.choices import canonical_difficulty
from levels.models import Level, Section, Unit
from levels.validators import validate_plain_json

REQUIRED = {
    Section: {"section_id", "title", "order", "units"},
    Unit: {"unit_id", "title", "order"},
    Level: {"level_id", "name", "category", "kind", "difficulty", "xp_reward"},
}
OPTIONAL = {Section: set(), Unit: set(), Level: set(LEVEL_FIELDS) - REQUIRED[Level]}
KEYS = {Section: "section_id", Unit: "unit_id", Level: "level_id"}
COLLECTIONS = {"units", "prerequisites"}  # rows of their own, not fields
JSON_TYPES = {
    models.BooleanField: bool,
    models.IntegerField: int,
    models.CharField: str,
    models.TextField: str,
}


class CatalogueError(Exception):
    """A sentence that names the file, the row and the field."""


@dataclass(frozen=True)
class CatalogueFile:
    name: str
    sections: list[Section]
    units: list[tuple[Unit, Section]]
    levels: list[Level]
    needs: dict[str, list[str]]  # level_id -> level_ids of its prerequisites


def read_catalogue_file(path):
    document = _parse(Path(path))
    name = Path(path).name
    _check_fields(document, name, required={"levels"}, optional={"catalogue", "sections"})
    section_rows, level_rows = (_rows(document, collection, name) for collection in ("sections", "levels"))
    sections = [_build(Section, row, name) for row in section_rows]
    units = [
        (_build(Unit, row, f"{name}: {section.section_id}"), section)
        for section, section_row in zip(sections, section_rows, strict=True)
        for row in _rows(section_row, "units", f"{name}: {section.section_id}")
    ]
    levels = [_build(Level, row, name) for row in level_rows]
    needs = {row["level_id"]: _prerequisites(row, name) for row in level_rows}
    _check_groups(levels, sections, units, name)
    return CatalogueFile(name, sections, units, levels, needs)


def _parse(path):
    try:
        return json.loads(path.read_bytes(), object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:  # bad UTF-8 is a ValueError too
        raise CatalogueError(f"{path.name}: not valid JSON: {error}.") from error


def _without_duplicates(pairs):
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise ValueError(f"a field is there twice: {twice[0]}")
    return dict(pairs)


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def _check_fields(row, where, *, required, optional):
    if not isinstance(row, dict):
        raise CatalogueError(f"{where}: an object is needed, not {json.dumps(row)[:40]}.")
    if missing := sorted(required - set(row)):
        raise CatalogueError(f"{where}: {missing[0]}: missing.")
    if unknown := sorted(set(row) - required - optional):
        raise CatalogueError(f"{where}: {unknown[0]}: unknown field.")


def _rows(row, collection, where):
    rows = row.get(collection, [])
    if not isinstance(rows, list):
        raise CatalogueError(f"{where}: {collection}: a list is needed.")
    return rows


def _build(model, row, where):
    """An unsaved row that would be accepted, or a CatalogueError about its first fault."""
    key = row.get(KEYS[model]) if isinstance(row, dict) else None
    where = f"{where}: {key}" if isinstance(key, str) else f"{where}: {model._meta.model_name} without {KEYS[model]}"
    _check_fields(row, where, required=REQUIRED[model], optional=OPTIONAL[model])
    values = {name: value for name, value in row.items() if name not in COLLECTIONS}
    for name, value in values.items():
        _check_value(model._meta.get_field(name), value, f"{where}: {name}")
    if "difficulty" in values:
        values["difficulty"] = canonical_difficulty(values["difficulty"])
    instance = model(**values)
    _validate(instance, where)
    return instance


def _check_value(field, value, where):
    if value is None and field.null:
        return
    expected = _json_type(field)
    # True is an int to Python, and not to anybody else.
    if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        raise CatalogueError(f"{where}: {json.dumps(value)[:40]} has the wrong type.")
    try:
        validate_plain_json(value)
    except ValidationError as error:
        raise CatalogueError(f"{where}: {error.messages[0]}") from error


def _json_type(field):
    if isinstance(field, models.JSONField):
        return type(field.get_default())
    return next(json_type for kind, json_type in JSON_TYPES.items() if isinstance(field, kind))


def _validate(instance, where):
    try:
        # Not `full_clean`: it would ask the database about each row.
        instance.clean_fields(exclude={"section", "created_by"})
        instance.clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise CatalogueError(f"{where}: {field}: {messages[0]}") from error


def _prerequisites(row, name):
    needed, where = row.get("prerequisites", []), f"{name}: {row['level_id']}: prerequisites"
    if not isinstance(needed, list) or not all(isinstance(level_id, str) for level_id in needed):
        raise CatalogueError(f"{where}: a list of level_ids is needed.")
    if len(set(needed)) < len(needed):
        raise CatalogueError(f"{where}: a level is there twice.")
    return needed


def _check_groups(levels, sections, units, name):
    """A file that has sections means them: a level in none of them would be shown nowhere."""
    known = {(section.section_id, unit.unit_id) for unit, section in units}
    titles = {section.section_id for section in sections}
    for level in levels if sections else []:
        if level.category not in titles:
            raise CatalogueError(f"{name}: {level.level_id}: category: there is no section “{level.category}”.")
        if level.unit and (level.category, level.unit) not in known:
            raise CatalogueError(f"{name}: {level.level_id}: unit: “{level.category}” has no unit “{level.unit}”.")
