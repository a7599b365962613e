"""The levels of one category as a path: where the learner has been, and what comes next."""

from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from levels.models import Level, Section

from .access import for_learners
from .catalogue import Step, in_order_of_groups, steps_of


@dataclass(frozen=True)
class Stretch:
    """A part of the path: a unit of a section, or the whole of a category without units."""

    title: str
    steps: list[Step]


@require_safe
@for_learners
def path_of_category(request, category: str) -> HttpResponse:
    levels = Level.objects.visible().completable().filter(category=category)
    sections = list(Section.objects.filter(section_id=category).prefetch_related("units"))
    steps = in_order_of_groups(steps_of(request.user, levels), sections)
    if not steps:
        raise Http404
    context = {
        "title": sections[0].title if sections else category,
        "stretches": stretches_of(steps, sections),
        "passed": sum(step.state == "completed" for step in steps),
        "mastered": sum(step.is_mastered for step in steps),
        "total": len(steps),
        "here": next((step for step in steps if step.state == "unlocked"), None),
    }
    return render(request, "pages/path.html", context)


def stretches_of(steps: list[Step], sections: list[Section]) -> list[Stretch]:
    titles = {unit.unit_id: unit.title for section in sections for unit in section.units.all()}
    units = groupby(steps, key=lambda step: step.level.unit)
    return [Stretch(titles.get(unit, unit), list(members)) for unit, members in units]
