"""The order in which levels open: a graph without circles."""

from collections import defaultdict
from graphlib import CycleError, TopologicalSorter

from django.core.exceptions import ValidationError

from .models import Level


def find_cycle(needs):
    """The level_ids of one circle, each needing the next, the first again at the end; or []."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return error.args[1][::-1]
    return []


def describe_cycle(cycle, *, start):
    """“level-1 → level-3 → level-1”, told from `start` if it is part of the circle."""
    if start in cycle:
        begin = cycle.index(start)
        cycle = [*cycle[begin:-1], *cycle[:begin], start]
    return f"Prerequisites must not go in a circle: {' → '.join(cycle)}."


def stored_needs():
    needs = defaultdict(list)
    links = Level.prerequisites.through.objects.order_by("pk")
    for level_id, needed_id in links.values_list("from_level__level_id", "to_level__level_id"):
        needs[level_id].append(needed_id)
    return dict(needs)


def refuse_cycle(*, level_id, needs):
    """Call inside a transaction. Raises ValidationError if the level, needing these level_ids, would need itself."""
    # Two editors, each adding one half of a circle, must not miss each other.
    list(Level.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    if cycle := find_cycle(stored_needs() | {level_id: needs}):
        raise ValidationError(describe_cycle(cycle, start=level_id), "cycle")


def prerequisites_of(levels):
    """The published levels that each of `levels` (a queryset) requires, by primary key, in one statement.

    `prefetch_related` would make a manager and two querysets for every level.
    """
    needed = defaultdict(list)
    links = Level.prerequisites.through.objects.filter(from_level__in=levels, to_level__published=True)
    for link in links.select_related("to_level").order_by("to_level"):
        needed[link.from_level_id].append(link.to_level)
    return needed


def path_to(level, *, passed):
    """Keys of all published levels that must be passed before the level opens, each after what it requires itself."""
    needs = defaultdict(list)
    links = Level.prerequisites.through.objects.filter(to_level__published=True)
    for needing, needed in links.order_by("pk").values_list("from_level", "to_level"):
        if needed not in passed:
            needs[needing].append(needed)
    order = TopologicalSorter(_reachable(level.pk, needs)).static_order()
    return [key for key in order if key != level.pk]


def _reachable(start, needs):
    found, waiting = {}, [start]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found[key] = needs[key]
            waiting += needs[key]
    return found
