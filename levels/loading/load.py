"""Bring the database in line with catalogue files, in the same few statements however long they are."""

from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from levels.api.serializers import LEVEL_FIELDS
from levels.models import PLAY_RULES, Level, LevelChange, Section, Unit
from levels.prerequisites import describe_cycle, find_cycle, stored_needs

from .files import KEYS, CatalogueError, read_catalogue_file

SHIPPED = Path(__file__).parent.parent / "catalogues"
FIELDS = {
    Section: ["title", "order"],
    Unit: ["section_id", "title", "order"],
    Level: [name for name in LEVEL_FIELDS if name not in {"level_id", "prerequisites"}],
}

RULES = {*PLAY_RULES, "prerequisites"}


@dataclass(frozen=True)
class Outcome:
    """What became of one row; `changes` are the changed fields, None if the row is new."""

    file: str
    kind: str  # section, unit or level
    key: str
    changes: list[str] | None

    @property
    def verdict(self):
        return "created" if self.changes is None else "changed" if self.changes else "unchanged"


def shipped_files():
    return sorted(SHIPPED.glob("*.json"))


def load_catalogue(paths):
    """Upsert everything in the files, or raise CatalogueError and change nothing. -> list[Outcome]"""
    files = [read_catalogue_file(path) for path in paths]
    try:
        with transaction.atomic():
            return _load(files)
    except IntegrityError as error:
        raise CatalogueError(f"The database refused the catalogue: {error}") from error


def _load(files):
    # The lock keeps editors out until the comparison below has become true.
    stored = {level.level_id: level for level in Level.objects.select_for_update(no_key=True).order_by("pk")}
    needs = stored_needs()
    _check_unique(files, stored)
    _check_prerequisites(files, stored, needs)
    outcomes = _upsert(Section, [(file.name, section) for file in files for section in file.sections])
    outcomes += _upsert(Unit, _units_in_sections(files))
    outcomes += _upsert_levels(files, stored, needs)
    order = [file.name for file in files]
    return sorted(outcomes, key=lambda outcome: order.index(outcome.file))


def _check_unique(files, stored):
    for model, rows in {
        Section: [(file, section) for file in files for section in file.sections],
        Unit: [(file, unit) for file in files for unit, _ in file.units],
        Level: [(file, level) for file in files for level in file.levels],
    }.items():
        _refuse_twice(rows, KEYS[model], taken={})
    rows = [(file, level) for file in files for level in file.levels]
    others = [level for level_id, level in stored.items() if level_id not in {level.level_id for _, level in rows}]
    for field in ("name", "number"):
        _refuse_twice(rows, field, taken={getattr(level, field): level.level_id for level in others})


def _refuse_twice(rows, field, *, taken):
    for file, row in rows:
        key, value = getattr(row, KEYS[type(row)]), getattr(row, field)
        if value is not None and value in taken:
            raise CatalogueError(f"{file.name}: {key}: {field}: “{value}” is used twice, also by {taken[value]}.")
        taken[value] = f"{key} of {file.name}"


def _check_prerequisites(files, stored, needs):
    asked = {level_id: needed for file in files for level_id, needed in file.needs.items()}
    for file in files:
        for level_id, needed in file.needs.items():
            if unknown := [other for other in needed if other not in asked and other not in stored]:
                raise CatalogueError(f"{file.name}: {level_id}: prerequisites: there is no level “{unknown[0]}”.")
    if cycle := find_cycle(needs | asked):
        # What is stored has no circle: at least one of its levels comes from a file.
        start = next(level_id for level_id in asked if level_id in cycle)
        file = next(file for file in files if start in file.needs)
        raise CatalogueError(f"{file.name}: {start}: prerequisites: {describe_cycle(cycle, start=start)}")


def _units_in_sections(files):
    """Once the sections have their keys."""
    for file in files:
        for unit, section in file.units:
            unit.section = section
    return [(file.name, unit) for file in files for unit, _ in file.units]


def _upsert_levels(files, stored, needs):
    rows = [(file.name, level) for file in files for level in file.levels]
    asked = {level_id: needed for file in files for level_id, needed in file.needs.items()}
    relinked = {level_id for level_id, needed in asked.items() if set(needed) != set(needs.get(level_id, []))}
    outcomes = [
        _outcome(file, level, stored.get(level.level_id), relinked & {level.level_id} and ["prerequisites"])
        for file, level in rows
    ]
    _note_changes(
        [
            (level, stored[level.level_id], outcome)
            for (_, level), outcome in zip(rows, outcomes, strict=True)
            if outcome.changes
        ]
    )
    _free_names([outcome.key for outcome in outcomes if {"name", "number"} & set(outcome.changes or [])])
    _write(Level, rows, outcomes, stored)
    keys = {level_id: level.pk for level_id, level in stored.items()} | {level.level_id: level.pk for _, level in rows}
    _relink({level_id: asked[level_id] for level_id in relinked}, keys)
    return outcomes


def _upsert(model, rows):
    key = KEYS[model]
    asked = [getattr(row, key) for _, row in rows]
    stored = {getattr(row, key): row for row in model.objects.filter(**{f"{key}__in": asked})}
    outcomes = [_outcome(file, row, stored.get(getattr(row, key))) for file, row in rows]
    _write(model, rows, outcomes, stored)
    return outcomes


def _outcome(file, row, old, relations=()):
    changes = None if old is None else [name for name in FIELDS[type(row)] if getattr(row, name) != getattr(old, name)]
    changes = changes if changes is None else [*changes, *relations]
    return Outcome(file, row._meta.model_name, getattr(row, KEYS[type(row)]), changes)


def _note_changes(changed: list[tuple[Level, Level, Outcome]]) -> None:
    """What `Level.save` does for one: keep the play rules that are about to change."""
    at = timezone.now()
    for level, old, outcome in changed:
        level.rules_changed_at = at if RULES.intersection(outcome.changes or []) else old.rules_changed_at
    LevelChange.objects.record([old for level, old, _ in changed if level.rules_changed_at == at], at=at)


def _free_names(level_ids):
    """Two levels may swap names or numbers, and the upsert goes row by row."""
    Level.objects.filter(level_id__in=level_ids).update(number=None, name=Concat(Value("~"), F("level_id")))


def _write(model, rows, outcomes, stored):
    """One upsert of what differs; afterwards every row knows its key."""
    changed = [row for (_, row), outcome in zip(rows, outcomes, strict=True) if outcome.verdict != "unchanged"]
    own = ["updated_at", "rules_changed_at"] if model is Level else []
    model.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=[KEYS[model]], update_fields=[*FIELDS[model], *own]
    )
    for _, row in rows:
        row.pk = row.pk or stored[getattr(row, KEYS[model])].pk


def _relink(needs, keys):
    links = Level.prerequisites.through.objects
    links.filter(from_level__in=[keys[level_id] for level_id in needs]).delete()
    links.bulk_create(
        links.model(from_level_id=keys[level_id], to_level_id=keys[needed_id])
        for level_id, needed in needs.items()
        for needed_id in needed
    )
