"""Catalogue files of achievements, badges and the metrics that their conditions may name."""

from collections.abc import Iterable
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
from gamification.conditions.metrics import announced
from gamification.metrics.catalogue import COLLECTION, METRIC, ids_in
from gamification.models import Achievement, Badge, Earnable, Metric

ACHIEVEMENT = Shape(
    Achievement,
    "achievement_id",
    required=frozenset({"achievement_id", "name", "category", "condition"}),
    optional=frozenset({"description", "rarity", "icon", "xp_reward", "hidden", "published", "position"})
    | IN_LANGUAGES,
)
BADGE = Shape(
    Badge,
    "name",
    required=frozenset({"name", "condition"}),
    optional=frozenset({"description", "icon_url", "published", "position"}) | IN_LANGUAGES,
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
    check_fields(document, name, required=frozenset(), optional=frozenset({*COLLECTIONS, "language"}))
    collections = [key for key in document if key in COLLECTIONS]
    if not collections:
        raise CatalogueError(f"{name}: neither achievements nor badges nor metrics are in it.")
    rows = [(COLLECTIONS[key], row) for key in collections for row in rows_of(document, key, name)]
    return CatalogueFile(name, [_build(shape, row, document, name) for shape, row in rows])


def _build(shape: Shape, row: Any, document: dict[str, Any], name: str) -> Any:
    """The names of metrics have no translations."""
    if shape is not METRIC:
        row = in_language_of(document, row, name)
    return build_row(shape, row, name)
