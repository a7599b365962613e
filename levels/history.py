"""Levels as they were at an earlier moment."""

from collections import defaultdict
from collections.abc import Collection
from copy import copy
from datetime import datetime
from functools import cached_property

from .models import PLAY_RULES, Level, LevelChange


def level_as_of(level: Level, moment: datetime) -> Level:
    """A copy with the play rules of that moment, or the level itself if they have not changed since.

    Queries the database only if the rules have changed since. A moment before the level existed gets its first rules.
    """
    return _before(LevelChange.objects.first_after(level, moment), level)


def missing_as_of(level: Level, moment: datetime, *, passed: Collection[int]) -> list[Level]:
    """The prerequisites that the level had at that moment, were published then, and are not among `passed`.

    `passed` are primary keys of levels, or a queryset of them.
    """
    change = LevelChange.objects.first_after(level, moment)
    required = level.prerequisites.all() if change is None else Level.objects.filter(pk__in=change.prerequisites)
    missing = required.exclude(pk__in=passed)
    return [needed for needed in missing if level_as_of(needed, moment).published]


class LevelHistory:
    """`level_as_of` and `missing_as_of` for many levels and moments, none of them before `since`.

    One statement for all levels; none if no rules have changed since. The prerequisites take a few more when they are
    first asked for, however many there are.
    """

    def __init__(self, levels: Collection[Level], since: datetime) -> None:
        self._levels, self._since = levels, since
        self._changes: dict[int, list[LevelChange]] = defaultdict(list)
        changed = [level for level in levels if level.rules_changed_at and level.rules_changed_at > since]
        if changed:
            rows = LevelChange.objects.filter(level__in=changed, changed_at__gt=since)
            for change in rows.order_by("changed_at", "pk"):
                self._changes[change.level_id].append(change)

    def as_of(self, level: Level, moment: datetime) -> Level:
        return _before(self._first_after(level, moment), level)

    def missing_as_of(self, level: Level, moment: datetime, *, passed: Collection[int]) -> list[Level]:
        change = self._first_after(level, moment)
        keys = self._prerequisites[level.pk] if change is None else change.prerequisites
        missing = [self._required[key] for key in keys if key in self._required and key not in passed]
        return [other for other in missing if self._history_of_required.as_of(other, moment).published]

    def _first_after(self, level: Level, moment: datetime) -> LevelChange | None:
        return next((change for change in self._changes[level.pk] if change.changed_at > moment), None)

    @cached_property
    def _prerequisites(self) -> dict[int, list[int]]:
        keys = defaultdict(list)
        links = Level.prerequisites.through.objects.filter(from_level__in=self._levels)
        for level, required in links.values_list("from_level", "to_level"):
            keys[level].append(required)
        return keys

    @cached_property
    def _required(self) -> dict[int, Level]:
        changes = [change.prerequisites for changes in self._changes.values() for change in changes]
        keys = {key for some in [*changes, *self._prerequisites.values()] for key in some}
        return Level.objects.in_bulk(keys)

    @cached_property
    def _history_of_required(self) -> "LevelHistory":
        return LevelHistory(list(self._required.values()), self._since)


def _before(change: LevelChange | None, level: Level) -> Level:
    if change is None:
        return level
    earlier = copy(level)
    for name in PLAY_RULES:
        setattr(earlier, name, getattr(change, name))
    return earlier
