"""Bring levels, their questions, sections and units in line with catalogue files.

Everything is checked before anything is written. What differs is then written in short transactions, so that a long
catalogue makes nobody wait.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path

from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone

from catalogues.files import IN_LANGUAGES, CatalogueError, Shape
from catalogues.loading import (
    Outcome,
    Row,
    changed_rows,
    compare,
    in_order_of_files,
    refuse_twice,
    upsert,
    write_in_portions,
)
from change_history.querysets import record_links
from levels.api.serializers import LEVEL_FIELDS
from levels.models import PLAY_RULES, Level, LevelChange
from levels.prerequisites import describe_cycle, find_cycle, stored_prerequisites

from .files import LEVEL, SECTION, UNIT, CatalogueFile, read_catalogue_file
from .questions import QuestionPlan, holds_questions, read_question_file

SHIPPED = Path(__file__).parent.parent / "catalogues"
SECTION_CHANGES = ["title", "order", *sorted(IN_LANGUAGES)]
UNIT_CHANGES = ["section_id", *SECTION_CHANGES]
LEVEL_CHANGES = [name for name in LEVEL_FIELDS if name not in {"level_id", "prerequisites"}]


def shipped_files() -> list[Path]:
    return [*sorted(SHIPPED.glob("*.json")), *sorted(SHIPPED.glob("questions/*.json"))]


def load_catalogue(paths: Iterable[Path]) -> list[Outcome]:
    """Raises CatalogueError; then nothing has changed, unless somebody edited the catalogue in the same moment."""
    return prepare(paths).apply()


def prepare(paths: Iterable[Path]) -> "Plan":
    """What loading the files would do. Raises CatalogueError if anything is wrong in any of them."""
    paths = list(paths)
    question_paths = [path for path in paths if holds_questions(path)]
    plan = Plan(
        files=[read_catalogue_file(path) for path in paths if path not in question_paths],
        stored={level.level_id: level for level in Level.objects.order_by("pk")},
        links=stored_prerequisites(),
        questions=QuestionPlan([read_question_file(path) for path in question_paths]),
    )
    plan.check()
    return plan


@dataclass
class Plan:
    """`stored` are the levels of the database by level_id, `links` their prerequisites as level_ids."""

    files: list[CatalogueFile]
    stored: dict[str, Level]
    links: dict[str, list[str]]
    questions: QuestionPlan

    def __post_init__(self) -> None:
        self.sections = [(file.name, section) for file in self.files for section in file.sections]
        self.units = [(file.name, unit) for file in self.files for unit, _ in file.units]
        self.levels = [(file.name, level) for file in self.files for level in file.levels]
        self.new_links = {level_id: links for file in self.files for level_id, links in file.prerequisites.items()}

    def check(self) -> None:
        refuse_twice(SECTION, self.sections, SECTION.key)
        refuse_twice(UNIT, self.units, UNIT.key)
        refuse_twice(LEVEL, self.levels, LEVEL.key)
        others = [level for level_id, level in self.stored.items() if level_id not in self.new_links]
        for field in ("name", "number"):
            refuse_twice(LEVEL, self.levels, field, taken={getattr(level, field): level.level_id for level in others})
        self._check_prerequisites()
        self.questions.check(level_ids=self.stored.keys() | self.new_links.keys())

    def _check_prerequisites(self) -> None:
        known = self.new_links.keys() | self.stored.keys()
        for file in self.files:
            for level_id, required in file.prerequisites.items():
                if unknown := [other for other in required if other not in known]:
                    raise CatalogueError(f"{file.name}: {level_id}: prerequisites: there is no level “{unknown[0]}”.")
        if cycle := find_cycle(self.links | self.new_links):
            # What is stored has no cycle, so at least one of its levels comes from a file.
            start = next(level_id for level_id in self.new_links if level_id in cycle)
            file = next(file for file in self.files if start in file.prerequisites)
            raise CatalogueError(f"{file.name}: {start}: prerequisites: {describe_cycle(cycle, start=start)}")

    def warnings(self) -> list[str]:
        """About levels that the files unpublish although others require them."""
        required_by = defaultdict(list)
        for level_id, required in (self.links | self.new_links).items():
            for required_id in required:
                required_by[required_id].append(level_id)
        return [
            f"{file}: {level.level_id} is unpublished, so these levels open without it: "
            f"{', '.join(required_by[level.level_id])}."
            for file, level in self.levels
            if not level.published and self._is_published(level.level_id) and level.level_id in required_by
        ]

    def _is_published(self, level_id: str) -> bool:
        return level_id in self.stored and self.stored[level_id].published

    def apply(self) -> list[Outcome]:
        """Write what differs, in short transactions."""
        outcomes = _upsert(SECTION, self.sections, SECTION_CHANGES)
        for file in self.files:
            for unit, section in file.units:
                unit.section = section  # again, now that it has its primary key
        outcomes += _upsert(UNIT, self.units, UNIT_CHANGES)
        outcomes += self._apply_levels()
        outcomes = in_order_of_files(outcomes, [file.name for file in self.files])
        return outcomes + self.questions.apply(self._keys())

    def _keys(self) -> dict[str, int]:
        """The primary keys of all levels by level_id, once they are written."""
        return dict(Level.objects.values_list("level_id", "pk")) if self.questions.files else {}

    def _apply_levels(self) -> list[Outcome]:
        outcomes = [self._compare(file, level) for file, level in self.levels]
        changed = {level.level_id: level for level in changed_rows(self.levels, outcomes)}
        if changed:
            # Prerequisites first, so that a level and its links can be written together.
            order = TopologicalSorter(self.links | self.new_links).static_order()
            keys = {level_id: level.pk for level_id, level in self.stored.items()}
            write = partial(write_levels, new_links=self.new_links, keys=keys)
            write_in_portions([changed[level_id] for level_id in order if level_id in changed], write)
        return outcomes

    def _compare(self, file: str, level: Level) -> Outcome:
        level_id = level.level_id
        relinked = set(self.new_links[level_id]) != set(self.links.get(level_id, []))
        others = ["prerequisites"] if relinked else []
        return compare(LEVEL, file, level, self.stored.get(level_id), LEVEL_CHANGES, others=others)


def write_levels(levels: Sequence[Level], *, new_links: dict[str, list[str]], keys: dict[str, int]) -> None:
    """Insert or change levels with their prerequisites; `keys` are primary keys by level_id, and grow.

    Call it in a transaction. It locks and reads again what it changes.
    """
    locked = lock_levels(levels)
    stored = {level.level_id: locked[level.level_id] for level in levels if level.level_id in locked}
    links = stored_prerequisites()
    relinked = [level for level in levels if set(new_links[level.level_id]) != set(links.get(level.level_id, []))]
    if relinked and (cycle := find_cycle(links | new_links)):
        raise CatalogueError(f"Somebody else changed the catalogue at the same time. {describe_cycle(cycle, start='')}")
    _record_changes(levels, stored, relinked={level.level_id for level in relinked})
    _free_names(levels, locked, new_links.keys())
    upsert(LEVEL, levels, [*LEVEL_CHANGES, "updated_at", "rules_changed_at"])
    keys |= {level.level_id: level.pk for level in levels}
    _relink({level.pk: [keys[level_id] for level_id in new_links[level.level_id]] for level in relinked})
    record_links(
        relinked,
        "prerequisites",
        before={level.pk: links.get(level.level_id, []) for level in relinked},
        after={level.pk: new_links[level.level_id] for level in relinked},
    )


def lock_levels(levels: Sequence[Level]) -> dict[str, Level]:
    """The stored rows of these levels, and of those that have their names and numbers now, by level_id."""
    rows = Level.objects.filter(
        Q(level_id__in=[level.level_id for level in levels])
        | Q(name__in=[level.name for level in levels])
        | Q(number__in=[level.number for level in levels if level.number is not None])
    )
    return {level.level_id: level for level in rows.select_for_update(no_key=True).order_by("pk")}


def _record_changes(levels: Sequence[Level], stored: dict[str, Level], *, relinked: set[str]) -> None:
    """What `Level.save` does for one level."""
    at, changed = timezone.now(), []
    for level in levels:
        old = stored.get(level.level_id)
        if old is None:
            continue
        level.rules_changed_at = old.rules_changed_at
        if level.level_id in relinked or any(getattr(level, name) != getattr(old, name) for name in PLAY_RULES):
            level.rules_changed_at = at
            changed.append(old)
    LevelChange.objects.record(changed, at=at)


def _free_names(levels: Sequence[Level], locked: dict[str, Level], loaded: Set[str]) -> None:
    """Take names and numbers away from the loaded levels that have them now: theirs are written later in the load."""
    for field, nothing in {"name": Concat(Value("~"), F("level_id")), "number": None}.items():
        wanted = {getattr(level, field): level.level_id for level in levels}
        freed = [
            level_id
            for level_id, level in locked.items()
            if level_id in loaded and wanted.get(getattr(level, field), level_id) != level_id
        ]
        Level.objects.filter(level_id__in=freed).update(**{field: nothing})


def _relink(required: dict[int, list[int]]) -> None:
    links = Level.prerequisites.through.objects
    links.filter(from_level__in=required).delete()
    links.bulk_create(
        links.model(from_level_id=level_pk, to_level_id=required_pk)
        for level_pk, required_pks in required.items()
        for required_pk in required_pks
    )


def _upsert(shape: Shape[Row], rows: list[tuple[str, Row]], fields: list[str]) -> list[Outcome]:
    manager, keys = shape.model._default_manager, [getattr(row, shape.key) for _, row in rows]
    stored = {getattr(row, shape.key): row for row in manager.filter(**{f"{shape.key}__in": keys})}
    outcomes = [compare(shape, file, row, stored.get(getattr(row, shape.key)), fields) for file, row in rows]
    write_in_portions(changed_rows(rows, outcomes), lambda portion: upsert(shape, portion, fields))
    for _, row in rows:
        row.pk = row.pk or stored[getattr(row, shape.key)].pk
    return outcomes
