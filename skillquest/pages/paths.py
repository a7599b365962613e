"""Levels as a path: where the learner has been, and what comes next.

There is a path of every category, and one of all levels of a kind that are in no section, such as all simulations.
"""

from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from levels.choices import Kind
from levels.models import Level, LevelQuerySet, Section

from . import labels
from .access import for_learners
from .catalogue import Step, in_order_of_groups, steps_of


@dataclass(frozen=True)
class Stretch:
    """A part of the path: a unit of a section, or the whole of a category without units."""

    title: str
    steps: list[Step]


@require_safe
@for_learners
def path(request, name: str) -> HttpResponse:
    sections = list(Section.objects.filter(section_id=name).prefetch_related("units"))
    steps = in_order_of_groups(steps_of(request.user, levels_on(name)), sections)
    if not steps:
        raise Http404
    context = {
        "title": title_of(name, sections, steps),
        "stretches": stretches_of(steps, sections),
        "passed": sum(step.state == "completed" for step in steps),
        "mastered": sum(step.is_mastered for step in steps),
        "total": len(steps),
        "here": next((step for step in steps if step.state == "unlocked"), None),
    }
    return render(request, "pages/path.html", context)


def levels_on(name: str) -> LevelQuerySet:
    levels = Level.objects.visible().completable()
    of_category = levels.filter(category=name)
    return levels.filter(kind=name, unit="") if name in Kind.values and not of_category.exists() else of_category


def title_of(name: str, sections: list[Section], steps: list[Step]) -> str:
    if sections:
        return sections[0].shown.title
    return labels.LEVEL_GROUPS[name][0] if name in labels.LEVEL_GROUPS else steps[0].level.shown.category


def stretches_of(steps: list[Step], sections: list[Section]) -> list[Stretch]:
    titles = {unit.unit_id: unit.shown.title for section in sections for unit in section.units.all()}
    units = groupby(steps, key=lambda step: step.level.unit)
    return [Stretch(titles.get(unit, unit), list(members)) for unit, members in units]
