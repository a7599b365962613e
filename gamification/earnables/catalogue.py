"""Bring achievements and badges in line with catalogue files, in the same few statements however long they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from gamification.models import Achievement, Earnable
from gamification.models.earnables import rewrite_requirements

from .catalogue_files import KEYS, OPTIONAL, REQUIRED, CatalogueError, CatalogueFile, read_catalogue_file

SHIPPED = Path(__file__).parent / "catalogues"
FIELDS = {model: sorted(REQUIRED[model] | OPTIONAL[model] - {KEYS[model]}) for model in KEYS}


@dataclass(frozen=True)
class Outcome:
    """What became of one row; `changes` are the changed fields, None if the row is new."""

    file: str
    kind: str  # achievement or badge
    key: str
    changes: list[str] | None

    @property
    def verdict(self) -> str:
        return "created" if self.changes is None else "changed" if self.changes else "unchanged"


def shipped_files() -> list[Path]:
    return sorted(SHIPPED.glob("*.json"))


def load_catalogue(paths: Iterable[Path]) -> list[Outcome]:
    """Upsert everything in the files, or raise CatalogueError and change nothing."""
    files = [read_catalogue_file(path) for path in paths]
    try:
        with transaction.atomic():
            outcomes = [outcome for model in KEYS for outcome in _load(model, files)]
    except IntegrityError as error:
        raise CatalogueError(f"The database refused the catalogue: {error}") from error
    order = [file.name for file in files]
    return sorted(outcomes, key=lambda outcome: order.index(outcome.file))


def _load(model: type[Earnable], files: list[CatalogueFile]) -> list[Outcome]:
    rows = [(file.name, row) for file in files for row in file.rows if isinstance(row, model)]
    if not rows:
        return []
    # The lock keeps editors out until the comparison below has become true.
    stored = {getattr(row, KEYS[model]): row for row in model.objects.select_for_update(no_key=True).order_by("pk")}
    _refuse_twice(model, rows, stored)
    outcomes = [_outcome(file, row, stored.get(getattr(row, KEYS[model]))) for file, row in rows]
    changed = [row for (_, row), outcome in zip(rows, outcomes, strict=True) if outcome.verdict != "unchanged"]
    if changed:
        _write(model, changed)
    return outcomes


def _refuse_twice(model: type[Earnable], rows: list[tuple[str, Earnable]], stored: dict[str, Earnable]) -> None:
    asked = {getattr(row, KEYS[model]) for _, row in rows}
    others = {row.name: key for key, row in stored.items() if key not in asked}
    for field, taken in [(KEYS[model], {}), ("name", others)]:
        for file, row in rows:
            key, value = getattr(row, KEYS[model]), getattr(row, field)
            if value in taken:
                raise CatalogueError(f"{file}: {key}: {field}: “{value}” is used twice, also by {taken[value]}.")
            taken[value] = f"{key} of {file}"


def _outcome(file: str, row: Earnable, old: Earnable | None) -> Outcome:
    model = type(row)
    changes = None if old is None else [name for name in FIELDS[model] if getattr(row, name) != getattr(old, name)]
    return Outcome(file, model._meta.model_name, getattr(row, KEYS[model]), changes)


def _write(model: type[Earnable], rows: list[Earnable]) -> None:
    """One upsert; afterwards every row knows its key, and its requirements are those of its condition."""
    if model is Achievement:
        _free_names([row.achievement_id for row in rows])
    model.objects.bulk_create(rows, update_conflicts=True, unique_fields=[KEYS[model]], update_fields=FIELDS[model])
    rewrite_requirements(rows)


def _free_names(achievement_ids: list[str]) -> None:
    """Two achievements may swap names, and the upsert goes row by row."""
    rows = Achievement.objects.filter(achievement_id__in=achievement_ids)
    rows.update(name=Concat(Value("~"), F("achievement_id")))
