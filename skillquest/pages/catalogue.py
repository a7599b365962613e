"""The catalogue as a learner sees it: sections with their units, and the other levels in one group a kind."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.translation import get_language

from levels.choices import Kind
from levels.models import Level, LevelQuerySet, Section
from tracking.models import Completion, LearningSession
from tracking.progress.levels import LevelProgress, progress_of

from . import labels

LEVELS_ON_PAGE = 150
KINDS_IN_ORDER = list(labels.LEVEL_GROUPS)


@dataclass(frozen=True)
class Step:
    """A level with the state it has for a learner. `state` is a key of labels.STATES; modes have no `progress`."""

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
    def has_content(self) -> bool:
        """It is played in the browser; all other levels are played in the learner's app."""
        return self.level.has_content

    @property
    def is_mastered(self) -> bool:
        """Passed, and the best result has the full score."""
        results = self.progress.results if self.progress else None
        return self.state == "completed" and bool(results) and results.best_score == results.best_max_score

    @property
    def path_state(self) -> str:
        return "mastered" if self.is_mastered else self.state

    @property
    def path(self) -> str:
        """The name of the path it is on: a section, or all levels of its kind that are in none."""
        return self.level.category if self.level.unit else self.level.kind

    @property
    def is_begun(self) -> bool:
        """A play of it is open: the learner goes on where they stopped."""
        return self.level.is_begun

    @property
    def is_waiting(self) -> bool:
        """Staff have yet to decide about a result of it."""
        return self.level.is_waiting

    @property
    def is_playable_here(self) -> bool:
        return self.state in ("unlocked", "completed") and self.has_content


@dataclass(frozen=True)
class Category:
    """Levels of one category are a path, unless all of them are modes."""

    name: str
    title: str
    has_path: bool


@dataclass(frozen=True)
class UnitRow:
    title: str
    steps: list[Step]

    @property
    def waiting(self) -> Step | None:
        """The first that is locked, to say what it waits for."""
        return next((step for step in self.steps if step.missing), None)


@dataclass(frozen=True)
class Group:
    """`path` names the page that shows the same levels as a path; modes have none."""

    title: str
    text: str = ""
    cards: list[Step] = field(default_factory=list)
    units: list[UnitRow] = field(default_factory=list)
    path: str = ""


def steps_of(learner, levels) -> list[Step]:
    """`levels` is a queryset. Modes count no progress, so they come without; last."""
    levels = _with_results_under_way(levels.with_has_content(), learner)
    progress = progress_of(learner, levels.completable())
    modes = _with_standing(levels.filter(kind=Kind.MODE), learner)
    return [
        *(Step(line.level, _state(line.level, line.status), line) for line in progress),
        *(Step(mode, _state(mode, _open_status(mode))) for mode in modes),
    ]


def steps_without_progress(learner, levels: LevelQuerySet) -> list[Step]:
    """In one statement, for many levels of which only the state is wanted."""
    levels = _with_results_under_way(_with_standing(levels, learner), learner)
    return [Step(level, _state_of_result(level)) for level in levels]


def categories() -> list[Category]:
    """By title; two statements."""
    titles = {section.section_id: section.shown.title for section in Section.objects.all()}
    kinds = defaultdict(set)
    rows = Level.objects.visible().order_by("category").values_list("category", "kind", _shown_category()).distinct()
    for name, kind, shown in rows:
        kinds[name].add(kind)
        if shown:
            titles.setdefault(name, shown)
    found = [Category(name, titles.get(name, name), has_path=kinds[name] != {Kind.MODE}) for name in kinds]
    return sorted(found, key=lambda category: category.title)


def _shown_category() -> KT:
    """In the active language, where it is translated."""
    return KT(f"translations__{get_language()}__category")


def catalogue_page(learner, levels: LevelQuerySet, *, state: str, number: str | None) -> tuple[Page, list[Group]]:
    """One page of `levels`, in the order of their groups; of one `state` unless it is empty."""
    sections = list(Section.objects.prefetch_related("units"))
    steps = [step for step in steps_without_progress(learner, levels) if state in ("", step.state)]
    page = Paginator(in_order_of_groups(steps, sections), LEVELS_ON_PAGE).get_page(number)
    shown = levels.filter(pk__in=[step.level.pk for step in page])
    return page, arrange(steps_of(learner, shown), sections)


def arrange(steps: list[Step], sections: list[Section]) -> list[Group]:
    by_id = {section.section_id: section for section in sections}
    groups = groupby(in_order_of_groups(steps, sections), key=lambda step: _group_of(step.level, by_id))
    return [
        _group_of_section(by_id[name], list(members))
        if name in by_id
        else Group(*labels.LEVEL_GROUPS[name], [*members], path="" if name == Kind.MODE else name)
        for name, members in groups
    ]


def in_order_of_groups(steps: list[Step], sections: list[Section]) -> list[Step]:
    """Kinds first, then sections; within a section by unit."""
    by_id = {section.section_id: section for section in sections}
    groups = {name: place for place, name in enumerate([*KINDS_IN_ORDER, *by_id])}
    units = {unit.unit_id: place for section in sections for place, unit in enumerate(section.units.all())}

    def place(step: Step) -> tuple:
        group = _group_of(step.level, by_id)
        in_section = (units.get(step.level.unit, len(units)), step.level.unit) if group in by_id else ()
        return groups[group], in_section, place_on_path(step)

    return sorted(steps, key=place)


def _group_of(level: Level, sections: dict[str, Section]) -> str:
    """The section's id, or the kind of a level without a section."""
    return level.category if level.category in sections else level.kind


def _group_of_section(section: Section, steps: list[Step]) -> Group:
    titles = {unit.unit_id: unit.shown.title for unit in section.units.all()}
    rows = groupby(steps, key=lambda step: step.level.unit)
    units = [UnitRow(titles.get(unit, unit), list(row)) for unit, row in rows]
    return Group(section.shown.title, units=units, path=section.section_id)


def place_on_path(step: Step) -> tuple:
    level = step.level
    return level.number is None, level.number, level.category, level.unit, level.position, level.level_id


def _state_of_result(level: Level) -> str:
    is_completed = level.has_passed and level.kind != Kind.MODE
    return "completed" if is_completed else _state(level, _open_status(level))


def _state(level: Level, status: str) -> str:
    return "coming_soon" if status == "locked" and level.coming_soon else status


def _open_status(level: Level) -> str:
    available = level.is_available(has_passed=level.has_passed, has_missing=level.has_missing)
    return "unlocked" if available else "locked"


def _with_standing(levels: LevelQuerySet, learner) -> LevelQuerySet:
    """Adds `has_passed` and `has_missing` for this learner."""
    passed = Completion.objects.passed_levels(learner)
    return (
        levels.with_has_content()
        .with_has_missing(passed)
        .annotate(has_passed=Exists(passed.filter(level=OuterRef("pk"))))
    )


def _with_results_under_way(levels: LevelQuerySet, learner) -> LevelQuerySet:
    """Adds `is_begun`, and `is_waiting` for staff to decide about a result."""
    plays = LearningSession.objects.active(timezone.now()).plays().filter(learner=learner, level=OuterRef("pk"))
    waiting = Completion.objects.waiting().filter(learner=learner, level=OuterRef("pk"))
    return levels.annotate(is_begun=Exists(plays), is_waiting=Exists(waiting))
