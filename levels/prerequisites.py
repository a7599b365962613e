"""Prerequisites: which levels must be passed before a level opens. They form a graph without cycles."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .models import Level, LevelQuerySet


def find_cycle(prerequisites: Mapping[str, Sequence[str]]) -> list[str]:
    """The level_ids of one cycle, each requiring the next and the first again at the end, or []."""
    try:
        TopologicalSorter(prerequisites).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle[::-1]
    return []


def describe_cycle(cycle: list[str], *, start: str) -> str:
    """A sentence with “level-1 → level-3 → level-1”, beginning at `start` if it is part of the cycle."""
    if start in cycle:
        begin = cycle.index(start)
        cycle = [*cycle[begin:-1], *cycle[:begin], start]
    return _("Prerequisites must not go in a circle: %(cycle)s.") % {"cycle": " → ".join(cycle)}


def stored_prerequisites() -> dict[str, list[str]]:
    """level_ids by the level_id of the level that requires them; in one statement."""
    found = defaultdict(list)
    links = Level.prerequisites.through.objects.order_by("pk")
    for level_id, required_id in links.values_list("from_level__level_id", "to_level__level_id"):
        found[level_id].append(required_id)
    return dict(found)


def lock_prerequisites() -> None:
    """Lock every level until the end of the transaction: two editors may each be adding one half of a cycle.

    Whoever will need this must call it before locking a single level, or two editors could wait for each other.
    """
    list(Level.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def refuse_cycle(*, level_id: str, prerequisites: Sequence[str]) -> None:
    """Call inside a transaction. Raises ValidationError if the level would require itself."""
    lock_prerequisites()
    if cycle := find_cycle(stored_prerequisites() | {level_id: list(prerequisites)}):
        raise ValidationError(describe_cycle(cycle, start=level_id), "cycle")


def prerequisites_of(levels: LevelQuerySet | Collection[Level]) -> dict[int, list[Level]]:
    """The published levels that each of these levels requires, by primary key; in one statement.

    `prefetch_related` would make a manager and two querysets for every level.
    """
    found = defaultdict(list)
    links = Level.prerequisites.through.objects.filter(from_level__in=levels, to_level__published=True)
    for link in links.select_related("to_level").order_by("to_level"):
        found[link.from_level_id].append(link.to_level)
    return found


def path_to(level: Level, *, passed: Collection[int]) -> list[int]:
    """Primary keys of the published levels to pass before the level opens, each after those that it requires."""
    prerequisites: dict[int, list[int]] = defaultdict(list)
    links = Level.prerequisites.through.objects.filter(to_level__published=True)
    for key, required in links.order_by("pk").values_list("from_level", "to_level"):
        if required not in passed:
            prerequisites[key].append(required)
    order = TopologicalSorter(_reachable(level.pk, prerequisites)).static_order()
    return [key for key in order if key != level.pk]


def _reachable(start: int, prerequisites: Mapping[int, list[int]]) -> dict[int, list[int]]:
    """The part of the graph that begins at this level."""
    found: dict[int, list[int]] = {}
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found[key] = prerequisites[key]
            waiting += prerequisites[key]
    return found
