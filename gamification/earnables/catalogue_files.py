"""Catalogue files of achievements, badges and the metrics that their conditions may name."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalogues.files import CatalogueError, Shape, build_row, check_fields, read_document, rows_of
from gamification.conditions.metrics import announced
from gamification.metrics.catalogue import COLLECTION, METRIC, ids_in
from gamification.models import Achievement, Badge, Earnable, Metric

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
COLLECTIONS: dict[str, Shape] = {COLLECTION: METRIC, "achievements": ACHIEVEMENT, "badges": BADGE}


@dataclass(frozen=True)
class CatalogueFile:
    name: str
    rows: list[Earnable | Metric]


def read_catalogue_files(paths: Iterable[Path]) -> list[CatalogueFile]:
    """A condition may name a metric of any of the files."""
    documents = [(path.name, read_document(path)) for path in paths]
    with announced({metric_id for _, document in documents for metric_id in ids_in(document)}):
        return [_read(document, name) for name, document in documents]


def read_catalogue_file(path: Path) -> CatalogueFile:
    return read_catalogue_files([path])[0]


def _read(document: Any, name: str) -> CatalogueFile:
    check_fields(document, name, required=frozenset(), optional=frozenset(COLLECTIONS))
    if not document:
        raise CatalogueError(f"{name}: neither achievements nor badges nor metrics are in it.")
    return CatalogueFile(
        name, [build_row(COLLECTIONS[key], row, name) for key in document for row in rows_of(document, key, name)]
    )
