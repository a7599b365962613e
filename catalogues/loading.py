"""Bringing the database in line with catalogue files: what changes, and writing it in short transactions."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import IntegrityError, connection, models, transaction

from .files import CatalogueError, Shape

Row = TypeVar("Row", bound=models.Model)

PORTION = 500  # rows a transaction
# Writers of SQLite do not queue: each tries again after at most 0.1 seconds. Without a pause between two portions, a
# request would find the database locked again and again.
PAUSE_ON_SQLITE = 0.12  # seconds


@dataclass(frozen=True)
class Outcome:
    """What became of one row; `changes` are the changed fields, None if the row is new."""

    file: str
    kind: str  # the name of the model
    key: str
    changes: list[str] | None

    @property
    def verdict(self) -> str:
        return "created" if self.changes is None else "changed" if self.changes else "unchanged"


def refuse_twice(
    shape: Shape[Row], rows: Iterable[tuple[str, Row]], field: str, *, taken: dict[Any, str] | None = None
) -> None:
    """Raises CatalogueError for a value of the field that two rows have; `taken` are values of others, by whom."""
    taken = dict(taken or {})
    for file, row in rows:
        key, value = getattr(row, shape.key), getattr(row, field)
        if value is not None and value in taken:
            raise CatalogueError(f"{file}: {key}: {field}: “{value}” is used twice, also by {taken[value]}.")
        taken[value] = f"{key} of {file}"


def compare(
    shape: Shape[Row], file: str, row: Row, stored: Row | None, fields: Sequence[str], *, others: Sequence[str] = ()
) -> Outcome:
    """`fields` are compared; `others` are known to have changed."""
    changes = None
    if stored is not None:
        changes = [*(name for name in fields if getattr(row, name) != getattr(stored, name)), *others]
    return Outcome(file, shape.label, getattr(row, shape.key), changes)


def changed_rows(rows: Iterable[tuple[str, Row]], outcomes: Iterable[Outcome]) -> list[Row]:
    return [row for (_, row), outcome in zip(rows, outcomes, strict=True) if outcome.verdict != "unchanged"]


def write_in_portions(rows: Sequence[Row], write: Callable[[Sequence[Row]], None]) -> None:
    """Write each portion in a transaction of its own, so that requests get their turn in between.

    Raises CatalogueError if the database refuses one, which takes an edit in the very moment; earlier ones stay.
    """
    for start in range(0, len(rows), PORTION):
        if start and connection.vendor == "sqlite":
            time.sleep(PAUSE_ON_SQLITE)
        try:
            with transaction.atomic():
                write(rows[start : start + PORTION])
        except IntegrityError as error:
            raise CatalogueError(
                f"Somebody else changed the catalogue at the same time. {start} of {len(rows)} changes are saved; "
                f"load the files again. ({error})"
            ) from error


def upsert(shape: Shape[Row], rows: Sequence[Row], fields: Sequence[str]) -> None:
    """Insert the rows, or change the fields of those whose key is stored; afterwards each has its primary key."""
    shape.model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=[shape.key], update_fields=fields
    )


def in_order_of_files(outcomes: Iterable[Outcome], files: Sequence[str]) -> list[Outcome]:
    places = {file: place for place, file in reversed(list(enumerate(files)))}
    return sorted(outcomes, key=lambda outcome: places[outcome.file])
