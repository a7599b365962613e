"""Importing and exporting levels as files of rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from graphlib import TopologicalSorter
from typing import Any

from django.db.models import Prefetch, QuerySet

from catalogues.files import CatalogueError
from exchange.applying import ChangedMeanwhileError, rows_to_write
from exchange.models import FileImport, ImportRow
from exchange.reading.rows import Fault
from exchange.registration import register
from exchange.resources import ExchangeResource
from exchange.whole_files import WholeFile
from exchange.widgets import Lines, TextWidget
from levels.api.serializers import LEVEL_FIELDS
from levels.approvals import most_xp, needs_approval
from levels.choices import canonical_difficulty
from levels.errors import warn_required
from levels.loading.load import write_levels
from levels.models import Level
from levels.prerequisites import describe_cycle, find_cycle, lock_prerequisites, stored_prerequisites

PRICE = ["xp_reward", "xp_rule", "repeat_policy", "difficulty", "max_score", "expected_time_seconds"]
NEEDED = "prerequisites"


class DifficultyWidget(TextWidget):
    def clean(self, value: Any, row: Any = None, **options: Any) -> Any:
        return canonical_difficulty(super().clean(value, row, **options))


@register
class LevelResource(ExchangeResource):
    kind, key = "levels", "level_id"
    unique = ["level_id", "name", "number"]
    whole_columns = [NEEDED]

    class Meta:
        model = Level
        fields = LEVEL_FIELDS

    @classmethod
    def widget_from_django_field(cls, f: Any, default: Any = None) -> Any:
        return DifficultyWidget if f.name == "difficulty" else super().widget_from_django_field(f, default)

    def prefetched(self, rows: QuerySet[Level]) -> QuerySet[Level]:
        return rows.prefetch_related(Prefetch(NEEDED, Level.objects.only("level_id").order_by("pk")))

    def dehydrate_prerequisites(self, level: Level) -> Lines:
        return Lines(needed_by(level))

    def new_row(self) -> Level:
        level = Level(created_by=self.actor)
        set_needed(level, [])
        return level

    def values_of(self, row: Level) -> dict[str, Any]:
        return {name: sorted(needed_by(row)) if name == NEEDED else getattr(row, name) for name in self.columns()}

    def set_values(self, row: Level, values: Mapping[str, Any]) -> None:
        super().set_values(row, {name: value for name, value in values.items() if name != NEEDED})
        if NEEDED in values:
            set_needed(row, values[NEEDED])

    def prepare(self, rows: Sequence[Any], whole: WholeFile) -> None:
        needed = {level_id for _, values in rows for level_id in values.get(NEEDED, ())}
        self.known = set(Level.objects.filter(level_id__in=needed).values_list("level_id", flat=True))
        hidden = [key for key, values in rows if values.get("published") is False]
        required = Level.objects.filter(level_id__in=hidden, required_by__isnull=False).distinct()
        self.required = {level.level_id: level for level in required.prefetch_related("required_by")}

    def more_faults(self, before: Any, after: Level, values: Mapping[str, Any], whole: WholeFile) -> list[Fault]:
        faults = []
        for level_id in needed_by(after) if NEEDED in values else ():
            if level_id not in self.known and level_id not in whole.numbers:
                faults.append(Fault(NEEDED, f"There is no level “{level_id}”."))
        if len(set(needed_by(after))) < len(needed_by(after)):
            faults.append(Fault(NEEDED, "A level is given twice."))
        if before and before.published and not after.published and after.level_id in self.required:
            required_by = sorted(self.required[after.level_id].required_by.all(), key=lambda level: level.level_id)
            faults.append(Fault("published", f"{warn_required(required_by)} Unpublish it on its page."))
        return faults

    def finish(self, rows: Sequence[ImportRow]) -> None:
        links = stored_prerequisites()
        while _refuse_without_prerequisites(rows) or _refuse_cycles(rows, links):
            pass
        graph = links | _new_links(rows)
        places = {key: place for place, key in enumerate(TopologicalSorter(graph).static_order())}
        super().finish(sorted(rows, key=lambda row: places.get(row.key, len(places))))

    def second_person(self, rows: Sequence[ImportRow]) -> set[int]:
        rows = [row for row in rows if not row.changes.keys().isdisjoint(PRICE)]
        stored = self.stored([row.key for row in rows])
        answers: dict[Any, bool] = {}
        found = set()
        for row in rows:
            before, after = stored.get(row.key), self._after(row, stored.get(row.key))
            price = tuple(level and tuple(getattr(level, name) for name in PRICE) for level in (before, after))
            if price not in answers:
                answers[price] = needs_approval(before, after)
            found |= {row.number} if answers[price] else set()
        return found

    def _after(self, row: ImportRow, before: Level | None) -> Level:
        after = self.new_row() if before is None else copy(before)
        self.set_values(after, {name: new for name, (_, new) in row.changes.items()})
        return after

    def xp_at_stake(self, rows: Sequence[ImportRow]) -> int:
        stored = self.stored([row.key for row in rows])
        return max((most_xp(self._after(row, stored.get(row.key))) for row in rows), default=0)

    @classmethod
    def subjects(cls, keys: Iterable[str]) -> list[str]:
        return [f"level:{pk}" for pk in Level.objects.filter(level_id__in=[*keys]).values_list("pk", flat=True)]

    def stored(self, keys: Collection[str], *, locked: bool = False) -> dict[str, Any]:
        if locked:
            lock_prerequisites()
        return super().stored(keys, locked=locked)

    def write(self, rows: Sequence[ImportRow], instances: Sequence[Level], source: FileImport) -> None:
        changes = dict(rows_to_write(source).values_list("key", f"changes__{NEEDED}"))
        links = stored_prerequisites()
        new_links = {key: change[1] if change else links.get(key, []) for key, change in changes.items()}
        keys = dict(Level.objects.values_list("level_id", "pk"))
        try:
            write_levels(instances, new_links=new_links, keys=keys)
        except CatalogueError as error:
            raise ChangedMeanwhileError(str(error)) from error


def needed_by(level: Level) -> list[str]:
    """The level_ids of its prerequisites, or those that it is about to get."""
    if "_needed" in level.__dict__:
        needed: list[str] = level.__dict__["_needed"]
        return needed
    return [other.level_id for other in level.prerequisites.all()]


def set_needed(level: Level, level_ids: Sequence[str]) -> None:
    level.__dict__["_needed"] = [*level_ids]


def _new_links(rows: Iterable[ImportRow]) -> dict[str, list[str]]:
    """level_ids of prerequisites by level_id, of rows that are not refused."""
    return {row.key: row.changes[NEEDED][1] for row in rows if NEEDED in row.changes and not row.faults}


def _refuse_without_prerequisites(rows: Sequence[ImportRow]) -> bool:
    """A level does not become one whose prerequisite is refused and not stored; whether any was refused."""
    links = _new_links(rows)
    needed = {level_id for level_ids in links.values() for level_id in level_ids}
    known = set(Level.objects.filter(level_id__in=needed).values_list("level_id", flat=True))
    known |= {row.key for row in rows if not row.faults}
    refused = False
    for row in rows:
        if missing := [level_id for level_id in links.get(row.key, ()) if level_id not in known]:
            row.faults = [[NEEDED, f"The row of “{missing[0]}” is refused."]]
            refused = True
    return refused


def _refuse_cycles(rows: Sequence[ImportRow], links: Mapping[str, list[str]]) -> bool:
    """The rows of one cycle; whether any was refused."""
    cycle = find_cycle({**links, **_new_links(rows)})
    found = [row for row in rows if row.key in cycle and NEEDED in row.changes and not row.faults]
    for row in found:
        row.faults = [[NEEDED, describe_cycle(cycle, start=row.key)]]
    return bool(found)
