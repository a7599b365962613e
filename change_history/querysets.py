"""Writes of many rows at once, which send no signals."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import models, transaction

from .records import ChangeHistory
from .values import differences, merged, values_of

Row = TypeVar("Row", bound=models.Model, covariant=True)


class TrackedQuerySet(models.QuerySet[Row]):
    """`update`, `bulk_update` and `bulk_create` are recorded in the model's ChangeHistory."""

    def update(self, **values: Any) -> int:
        history = history_of(self.model)
        fields = history.fields(values)
        if not fields:
            return super().update(**values)
        with transaction.atomic(savepoint=False):
            before = {row.pk: values_of(row, fields) for row in self.select_for_update(no_key=True, of=("self",))}
            count = super().update(**values)
            rows = self.model._base_manager.using(self.db).filter(pk__in=before).order_by("pk")
            pairs = [(row, differences(before[row.pk], values_of(row, fields))) for row in rows]
            history.write_many([(row, "~", changes) for row, changes in pairs if changes])
        return count

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        rows, history = list(objs), history_of(self.model)
        with transaction.atomic(savepoint=False):
            before = self._stored(rows, options.get("unique_fields") or [])
            made = super().bulk_create(rows, *args, **options)
            changes = [_change(history, row, before.get(row.pk), options.get("update_fields")) for row in made]
            history.write_many([change for change in changes if change[1] == "+" or change[2]])
        return made

    def _stored(self, rows: Sequence[Any], unique_fields: Sequence[str]) -> dict[Any, Any]:
        """The rows that these are about to replace; one field makes them unique."""
        if not unique_fields:
            return {}
        (key,) = unique_fields
        keys = [getattr(row, key) for row in rows]
        return self.model._base_manager.using(self.db).in_bulk(
            self.model._base_manager.filter(**{f"{key}__in": keys}).values_list("pk", flat=True)
        )


def _change(
    history: ChangeHistory, row: Any, stored: Any, written: Sequence[str] | None
) -> tuple[Any, str, dict[str, list[Any]]]:
    if stored is None:
        return row, "+", differences({}, values_of(row, history.fields()))
    fields = history.fields(written)
    return row, "~", differences(values_of(stored, fields), values_of(row, fields))


def record_links(
    rows: Sequence[Any], name: str, *, before: Mapping[Any, Sequence[str]], after: Mapping[Any, Sequence[str]]
) -> None:
    """Relations that were written in bulk: names of the targets by primary key. In two statements at most."""
    opened, others = [], []
    for row in rows:
        changes = differences({name: list(before.get(row.pk, []))}, {name: list(after[row.pk])})
        change = row.__dict__.get("_open_change")
        if change:
            change.changes = merged(change.changes, changes)
            opened.append(change)
        else:
            others.append((row, "~", changes))
    if opened:
        type(opened[0]).objects.bulk_update(opened, ["changes"])
    if others:
        history_of(type(others[0][0])).write_many(others)


def history_of(model: type[models.Model]) -> ChangeHistory:
    history: ChangeHistory = model._change_history  # type: ignore[attr-defined]
    return history
