"""A copy of an achievement or badge, for somebody who wants to change it into another one."""

from datetime import datetime
from typing import Any

from django.db import transaction

from catalogues.duplicates import copy_of, free_slug, recent_copy
from gamification.models import Achievement, Earnable

from .achievement_approvals import needs_approval


@transaction.atomic
def duplicate_earnable(*, owner: Earnable, actor: Any, at: datetime) -> tuple[Earnable, bool]:
    """Unpublished, and whether it was made now: a double click makes one copy.

    It pays nothing where paying as much takes a second person.
    """
    original = type(owner)._default_manager.select_for_update(no_key=True).get(pk=owner.pk)
    if found := recent_copy(original, actor=actor, at=at):
        return found, False
    is_achievement = isinstance(original, Achievement)
    copy = copy_of(original, **({"achievement_id": free_slug(original, "achievement_id")} if is_achievement else {}))
    if is_achievement and needs_approval(None, copy, actor=actor, at=at):
        copy.xp_reward = 0
    copy.save(force_insert=True)
    return copy, True
