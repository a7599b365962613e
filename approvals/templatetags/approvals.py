from typing import Any

from django import template

from approvals.services import waiting_for

register = template.Library()


@register.simple_tag(takes_context=True)
def requests_waiting(context: dict[str, Any]) -> int:
    """How many requests of others the person who reads the page may decide."""
    return waiting_for(context["request"].user).count()
