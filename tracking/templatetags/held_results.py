from typing import Any

from django import template

from tracking.staff.held_results import DECIDE_HELD, MOST, decidable

register = template.Library()


@register.simple_tag(takes_context=True)
def results_waiting(context: dict[str, Any]) -> int:
    """How many held results the person who reads the page may decide; counting stops at MOST."""
    person = context["request"].user
    if not person.has_perm(DECIDE_HELD):
        return 0
    return decidable(release=False, actor=person)[:MOST].count()
