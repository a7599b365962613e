"""Importing and exporting achievements and badges as files of rows."""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any

from approvals.services import second_person_is_needed
from catalogues.files import Shape
from exchange.applying import rows_to_write
from exchange.models import FileImport, ImportRow
from exchange.reading.rows import Fault
from exchange.registration import register
from exchange.resources import ExchangeResource
from exchange.whole_files import WholeFile
from gamification.conditions.metrics import announced, custom_names
from gamification.earnables.catalogue import write_earnables
from gamification.earnables.catalogue_files import ACHIEVEMENT, BADGE
from gamification.models import Achievement, Badge
from gamification.staff.achievement_approvals import (
    WORTH,
    changed_worth,
    raises_above_limit,
    together_above_limit,
    worth_of,
)


class EarnableResource(ExchangeResource):
    shape: Shape

    def prepare(self, rows: Sequence[Any], whole: WholeFile) -> None:
        self.metrics = custom_names(fresh=True)

    def faults_of(self, row: Any) -> list[Fault]:
        # A condition asks for the metrics of staff each time that it is checked.
        with announced(self.metrics, with_rows=False):
            return super().faults_of(row)

    def write(self, rows: Sequence[ImportRow], instances: Sequence[Any], source: FileImport) -> None:
        fields = sorted((self.shape.required | self.shape.optional) - {self.key})
        loaded = set(rows_to_write(source).values_list("key", flat=True))
        write_earnables(self.shape, instances, fields=fields, loaded=loaded)


@register
class AchievementResource(EarnableResource):
    kind, key = "achievements", "achievement_id"
    shape = ACHIEVEMENT
    unique = ["achievement_id", "name"]

    class Meta:
        model = Achievement
        fields = [
            *("achievement_id", "name", "description", "category", "rarity", "icon", "xp_reward", "condition"),
            *("hidden", "published", "position", "language", "translations"),
        ]

    @classmethod
    def reason(cls, source: FileImport) -> str:  # noqa: ARG003
        """None: edits with a reason do not count among those that a person has made alone."""
        return ""

    def second_person(self, rows: Sequence[ImportRow]) -> set[int]:
        """Rows whose reward is above the limit, and all that are worth something if together they are."""
        if not second_person_is_needed():
            return set()
        rows = [row for row in rows if not row.changes.keys().isdisjoint(WORTH)]
        stored = self.stored([row.key for row in rows])
        above, worth = set(), {}
        for row in rows:
            before, after = stored.get(row.key), self._after(row, stored.get(row.key))
            above |= {row.number} if raises_above_limit(before, after) else set()
            if more := worth_of(changed_worth(before, after), after):
                worth[row.number] = more
        if worth and together_above_limit(sum(worth.values()), actor=self.actor, at=self.at):
            return above | worth.keys()
        return above

    def _after(self, row: ImportRow, before: Achievement | None) -> Achievement:
        after = self.new_row() if before is None else copy(before)
        self.set_values(after, {name: new for name, (_, new) in row.changes.items()})
        return after

    def xp_at_stake(self, rows: Sequence[ImportRow]) -> int:
        return sum(int(row.changes.get("xp_reward", [0, 0])[1]) for row in rows)

    @classmethod
    def subjects(cls, keys: Iterable[str]) -> list[str]:
        return [f"achievement:{key}" for key in keys]


@register
class BadgeResource(EarnableResource):
    kind, key = "badges", "name"
    shape = BADGE
    unique = ["name"]

    class Meta:
        model = Badge
        fields = [
            *("name", "description", "icon_url", "condition", "published", "position", "language", "translations"),
        ]
