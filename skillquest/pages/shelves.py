"""The catalogue as a learner sees it: sections with their units where there are some, else one shelf a kind."""

from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Exists, OuterRef

from levels.choices import Kind
from levels.models import Level, LevelQuerySet, Section
from tracking.models import Completion
from tracking.progress.levels import LevelProgress, progress_of

from . import games, words


@dataclass(frozen=True)
class Step:
    """One level on a learner's way. `state` is a key of words.STATUSES; modes have no `progress`."""

    level: Level
    state: str
    progress: LevelProgress | None = None

    @property
    def missing(self) -> list[Level]:
        return self.progress.missing if self.progress else []

    @property
    def prerequisites(self) -> list[Level]:
        return list(self.level.prerequisites.all())

    @property
    def is_playable_here(self) -> bool:
        return self.state in ("unlocked", "completed") and games.exists(self.level.level_id)


@dataclass(frozen=True)
class UnitRow:
    title: str
    steps: list[Step]

    @property
    def waiting(self) -> Step | None:
        """The first that is locked, to say what it waits for."""
        return next((step for step in self.steps if step.missing), None)


@dataclass(frozen=True)
class Shelf:
    title: str
    text: str = ""
    cards: list[Step] = field(default_factory=list)
    units: list[UnitRow] = field(default_factory=list)


def steps_of(learner, levels) -> list[Step]:
    """`levels` is a queryset. Modes count no progress, so they come without; last."""
    progress = progress_of(learner, levels.completable())
    modes = _with_standing(levels.filter(kind=Kind.MODE), learner)
    return [
        *(Step(line.level, _state(line.level, line.status), line) for line in progress),
        *(Step(mode, _state(mode, _open_status(mode))) for mode in modes),
    ]


def counted_steps(learner) -> list[Step]:
    """All published levels but modes, with their state alone; one statement."""
    levels = _with_standing(Level.objects.visible().completable(), learner)
    return [Step(level, "completed" if level.has_passed else _state(level, _open_status(level))) for level in levels]


def next_step(steps: list[Step]) -> Step | None:
    """The open level that comes first, before all others one that can be played in the browser."""
    open_steps = [step for step in steps if step.state == "unlocked"]
    return min(open_steps, key=lambda step: (not step.is_playable_here, _place(step)), default=None)


def category_choices() -> list[tuple[str, str]]:
    titles = dict(Section.objects.values_list("section_id", "title"))
    names = Level.objects.visible().order_by("category").values_list("category", flat=True).distinct()
    return sorted(((name, titles.get(name, name)) for name in names), key=lambda choice: choice[1])


def arrange(steps: list[Step]) -> list[Shelf]:
    """Two statements (sections, units), whatever the number of levels."""
    sections = {section.section_id: section for section in Section.objects.prefetch_related("units")}
    loose = [step for step in steps if step.level.category not in sections]
    shelves = [_shelf_of_kind(kind, loose) for kind in words.SHELVES]
    shelves += [_shelf_of_section(section, steps) for section in sections.values()]
    return [shelf for shelf in shelves if shelf.cards or shelf.units]


def _shelf_of_kind(kind: str, steps: list[Step]) -> Shelf:
    title, text = words.SHELVES[kind]
    return Shelf(title, text, cards=sorted((step for step in steps if step.level.kind == kind), key=_place))


def _shelf_of_section(section: Section, steps: list[Step]) -> Shelf:
    titles = {unit.unit_id: unit.title for unit in section.units.all()}
    places = {unit_id: place for place, unit_id in enumerate(titles)}
    own = [step for step in steps if step.level.category == section.section_id]
    own.sort(key=lambda step: (places.get(step.level.unit, len(places)), step.level.unit, _place(step)))
    rows = groupby(own, key=lambda step: step.level.unit)
    return Shelf(section.title, units=[UnitRow(titles.get(unit, unit), list(row)) for unit, row in rows])


def _place(step: Step) -> tuple:
    level = step.level
    return level.number is None, level.number, level.category, level.unit, level.position, level.level_id


def _state(level: Level, status: str) -> str:
    return "coming_soon" if status == "locked" and level.coming_soon else status


def _open_status(level: Level) -> str:
    available = level.is_available(has_passed=level.has_passed, has_missing=level.has_missing)
    return "unlocked" if available else "locked"


def _with_standing(levels: LevelQuerySet, learner) -> LevelQuerySet:
    """Adds `has_passed` and `has_missing` for this learner."""
    passed = Completion.objects.passed_levels(learner)
    return levels.with_has_missing(passed).annotate(has_passed=Exists(passed.filter(level=OuterRef("pk"))))
