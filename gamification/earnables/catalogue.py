"""Bring achievements, badges and metrics in line with catalogue files.

All is checked first, then written in portions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.db.models import F, Value
from django.db.models.functions import Concat

from catalogues.files import Shape
from catalogues.loading import (
    Outcome,
    changed_rows,
    compare,
    in_order_of_files,
    refuse_twice,
    upsert,
    write_in_portions,
)
from gamification.metrics import note_saved
from gamification.metrics.catalogue import METRIC
from gamification.models import Achievement, Earnable, Metric
from gamification.models.earnables import rewrite_requirements

from .catalogue_files import ACHIEVEMENT, COLLECTIONS, CatalogueFile, read_catalogue_files

SHIPPED = Path(__file__).parent / "catalogues"


def shipped_files() -> list[Path]:
    return sorted(SHIPPED.glob("*.json"))


def load_catalogue(paths: Iterable[Path]) -> list[Outcome]:
    """Raises CatalogueError; then nothing has changed, unless somebody edited the catalogue in the same moment."""
    return prepare_catalogue(paths).apply()


def prepare_catalogue(paths: Iterable[Path]) -> "Plan":
    """What loading the files would do. Raises CatalogueError if anything is wrong in any of them."""
    files = read_catalogue_files(paths)
    plan = Plan(files, [Part(shape, files) for shape in COLLECTIONS.values()])
    for part in plan.parts:
        part.check()
    return plan


@dataclass
class Plan:
    files: list[CatalogueFile]
    parts: "list[Part]"

    def apply(self) -> list[Outcome]:
        outcomes = [outcome for part in self.parts for outcome in part.apply()]
        return in_order_of_files(outcomes, [file.name for file in self.files])


class Part:
    """The rows of one kind in the files, and those of the database by their key."""

    def __init__(self, shape: Shape, files: list[CatalogueFile]) -> None:
        self.shape = shape
        self.fields = sorted(shape.required | shape.optional - {shape.key})
        self.rows = [(file.name, row) for file in files for row in file.rows if isinstance(row, shape.model)]
        manager = shape.model._default_manager
        stored = manager.order_by("pk") if self.rows else manager.none()
        self.stored = {getattr(row, shape.key): row for row in stored}

    def check(self) -> None:
        refuse_twice(self.shape, self.rows, self.shape.key)
        loaded = {getattr(row, self.shape.key) for _, row in self.rows}
        if self.shape is METRIC:
            return  # two of them may have one name
        others = {row.name: key for key, row in self.stored.items() if key not in loaded}
        refuse_twice(self.shape, self.rows, "name", taken=others)

    def apply(self) -> list[Outcome]:
        outcomes = [
            compare(self.shape, file, row, self.stored.get(getattr(row, self.shape.key)), self.fields)
            for file, row in self.rows
        ]
        loaded = {getattr(row, self.shape.key) for _, row in self.rows}
        write = partial(write_earnables, self.shape, fields=self.fields, loaded=loaded)
        if self.shape is METRIC:
            write = partial(write_metrics, fields=self.fields)
        write_in_portions(changed_rows(self.rows, outcomes), write)
        return outcomes


def write_earnables(shape: Shape, rows: Sequence[Earnable], *, fields: Sequence[str], loaded: set[str]) -> None:
    """`loaded` are the keys in the files. Afterwards every row's requirements are those of its condition."""
    if shape is ACHIEVEMENT:
        _free_names(rows, loaded)
    upsert(shape, rows, fields)
    rewrite_requirements(rows)


def write_metrics(rows: Sequence[Metric], *, fields: Sequence[str]) -> None:
    upsert(METRIC, rows, fields)
    note_saved(rows)


def _free_names(rows: Sequence[Achievement], loaded: set[str]) -> None:
    """Take the names away from the loaded achievements that have them now: theirs are written in the same load."""
    holders = Achievement.objects.filter(name__in=[row.name for row in rows], achievement_id__in=loaded)
    holders.update(name=Concat(Value("~"), F("achievement_id")))
