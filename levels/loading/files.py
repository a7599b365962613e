"""Catalogue files of levels, with the sections and units that group them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalogues.files import (
    IN_LANGUAGES,
    CatalogueError,
    Shape,
    build_row,
    check_fields,
    in_language_of,
    read_document,
    rows_of,
)
from levels.api.serializers import LEVEL_FIELDS
from levels.choices import canonical_difficulty
from levels.models import Level, Section, Unit

SECTION = Shape(
    Section,
    "section_id",
    frozenset({"section_id", "title", "order"}),
    optional=IN_LANGUAGES,
    collections=frozenset({"units"}),
)
UNIT = Shape(Unit, "unit_id", frozenset({"unit_id", "title", "order"}), optional=IN_LANGUAGES)
_REQUIRED = frozenset({"level_id", "name", "category", "kind", "difficulty", "xp_reward"})
LEVEL = Shape(
    Level,
    "level_id",
    _REQUIRED,
    optional=frozenset(LEVEL_FIELDS) - _REQUIRED,
    collections=frozenset({"prerequisites"}),
)


@dataclass(frozen=True)
class CatalogueFile:
    """`prerequisites` are level_ids, by the level_id of every level of the file."""

    name: str
    sections: list[Section]
    units: list[tuple[Unit, Section]]
    levels: list[Level]
    prerequisites: dict[str, list[str]]


def read_catalogue_file(path: Path) -> CatalogueFile:
    document, name = read_document(path), path.name
    check_fields(
        document, name, required=frozenset({"levels"}), optional=frozenset({"catalogue", "language", "sections"})
    )
    sections, units = _groups(document, name)
    level_rows = rows_of(document, "levels", name)
    levels = [
        build_row(LEVEL, in_language_of(document, _with_canonical_difficulty(row), name), name) for row in level_rows
    ]
    prerequisites = {row["level_id"]: _prerequisites(row, name) for row in level_rows}
    _check_groups(levels, sections, units, name)
    return CatalogueFile(name, sections, units, levels, prerequisites)


def _groups(document: dict[str, Any], name: str) -> tuple[list[Section], list[tuple[Unit, Section]]]:
    sections, units = [], []
    for row in rows_of(document, "sections", name):
        section = build_row(SECTION, in_language_of(document, row, name), name)
        where = f"{name}: {section.section_id}"
        if "units" not in row:
            raise CatalogueError(f"{where}: units: missing.")
        sections.append(section)
        unit_rows = [in_language_of(document, unit_row, name) for unit_row in rows_of(row, "units", where)]
        units += [(build_row(UNIT, unit_row, where), section) for unit_row in unit_rows]
    return sections, units


def _with_canonical_difficulty(row: Any) -> Any:
    difficulty = row.get("difficulty") if isinstance(row, dict) else None
    return {**row, "difficulty": canonical_difficulty(difficulty)} if isinstance(difficulty, str) else row


def _prerequisites(row: dict[str, Any], name: str) -> list[str]:
    required, where = row.get("prerequisites", []), f"{name}: {row['level_id']}: prerequisites"
    if not isinstance(required, list) or not all(isinstance(level_id, str) for level_id in required):
        raise CatalogueError(f"{where}: a list of level_ids is needed.")
    if len(set(required)) < len(required):
        raise CatalogueError(f"{where}: a level is given twice.")
    return required


def _check_groups(levels: list[Level], sections: list[Section], units: list[tuple[Unit, Section]], name: str) -> None:
    """In a file that has sections, a level outside of them would be shown nowhere."""
    known = {(section.section_id, unit.unit_id) for unit, section in units}
    titles = {section.section_id for section in sections}
    for level in levels if sections else []:
        if level.category not in titles:
            raise CatalogueError(f"{name}: {level.level_id}: category: there is no section “{level.category}”.")
        if level.unit and (level.category, level.unit) not in known:
            raise CatalogueError(f"{name}: {level.level_id}: unit: “{level.category}” has no unit “{level.unit}”.")
