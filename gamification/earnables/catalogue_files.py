"""Catalogue files of achievements and badges."""

from dataclasses import dataclass
from pathlib import Path

from catalogues.files import CatalogueError, Shape, build_row, check_fields, read_document, rows_of
from gamification.models import Achievement, Badge, Earnable

ACHIEVEMENT = Shape(
    Achievement,
    "achievement_id",
    required=frozenset({"achievement_id", "name", "category", "condition"}),
    optional=frozenset({"description", "rarity", "icon", "xp_reward", "hidden", "published", "position"}),
)
BADGE = Shape(
    Badge,
    "name",
    required=frozenset({"name", "condition"}),
    optional=frozenset({"description", "icon_url", "published", "position"}),
)
COLLECTIONS: dict[str, Shape] = {"achievements": ACHIEVEMENT, "badges": BADGE}


@dataclass(frozen=True)
class CatalogueFile:
    name: str
    rows: list[Earnable]


def read_catalogue_file(path: Path) -> CatalogueFile:
    document, name = read_document(path), path.name
    check_fields(document, name, required=frozenset(), optional=frozenset(COLLECTIONS))
    if not document:
        raise CatalogueError(f"{name}: neither achievements nor badges are in it.")
    return CatalogueFile(
        name, [build_row(COLLECTIONS[key], row, name) for key in document for row in rows_of(document, key, name)]
    )
