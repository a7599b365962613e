"""Levels as they were at an earlier moment."""

from collections.abc import Collection
from copy import copy
from datetime import datetime

from .models import PLAY_RULES, Level, LevelChange


def level_as_of(level: Level, moment: datetime) -> Level:
    """A copy with the play rules of that moment, or the level itself if they have not changed since.

    Queries the database only if the rules have changed since. A moment before the level existed gets its first rules.
    """
    change = LevelChange.objects.first_after(level, moment)
    if change is None:
        return level
    earlier = copy(level)
    for name in PLAY_RULES:
        setattr(earlier, name, getattr(change, name))
    return earlier


def missing_as_of(level: Level, moment: datetime, *, passed: Collection[int]) -> list[Level]:
    """The prerequisites that the level had at that moment, were published then, and are not among `passed`.

    `passed` are primary keys of levels, or a queryset of them.
    """
    change = LevelChange.objects.first_after(level, moment)
    required = level.prerequisites.all() if change is None else Level.objects.filter(pk__in=change.prerequisites)
    missing = required.exclude(pk__in=passed)
    return [needed for needed in missing if level_as_of(needed, moment).published]
