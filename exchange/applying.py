"""Writing what a comparison showed, and nothing else."""

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction

from change_history.context import because

from .comparing import same
from .models import FileImport, ImportRow
from .resources import ExchangeResource

PORTION = 500  # rows
TO_WRITE = (ImportRow.Verdict.NEW, ImportRow.Verdict.CHANGED)


class ChangedMeanwhileError(Exception):
    """What is stored is no longer what the file was compared with; a sentence."""


def rows_to_write(source: FileImport) -> Any:
    return source.rows.filter(verdict__in=TO_WRITE).order_by("place", "number")


def apply_portion(source: FileImport, resource: ExchangeResource, *, after: int) -> int | None:
    """Write the next rows behind the place `after`; answers the last place, None if there were no more.

    Raises ChangedMeanwhileError; call it in a transaction that is then rolled back.
    """
    rows = list(rows_to_write(source).filter(place__gt=after)[:PORTION])
    if not rows:
        return None
    resource.wait_for_other_imports()
    stored = resource.stored({row.key for row in rows}, locked=True)
    instances = [_changed(resource, row, stored.get(row.key)) for row in rows]
    try:
        with transaction.atomic(), because(source.reason or resource.reason(source), actor=source.created_by):
            resource.write(rows, instances, source)
            _log(source, rows, instances)
    except IntegrityError as error:
        raise ChangedMeanwhileError("Another change took a value that the file needs.") from error
    return int(rows[-1].place)


def _changed(resource: ExchangeResource, row: ImportRow, stored: Any) -> Any:
    """The stored row as the file makes it."""
    if (stored is None) != (row.verdict == ImportRow.Verdict.NEW):
        raise ChangedMeanwhileError(f"“{row.key}” was {'deleted' if stored is None else 'added'} meanwhile.")
    before = resource.values_of(stored) if stored is not None else {}
    if any(stored is not None and not same(before[name], old) for name, (old, _) in row.changes.items()):
        raise ChangedMeanwhileError(f"“{row.key}” was changed meanwhile.")
    changed = resource.new_row() if stored is None else copy(stored)
    resource.set_values(changed, {name: new for name, (_, new) in row.changes.items()})
    return changed


def _log(source: FileImport, rows: Sequence[ImportRow], instances: Sequence[Any]) -> None:
    """In the admin's log of each row, as an edit on its page is."""
    content_type = ContentType.objects.get_for_model(type(instances[0]))
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=source.created_by_id,
            content_type=content_type,
            object_id=str(instance.pk),
            object_repr=str(instance)[:200],
            action_flag=ADDITION if row.verdict == ImportRow.Verdict.NEW else CHANGE,
            change_message=_message(source, row),
        )
        for row, instance in zip(rows, instances, strict=True)
    )


def _message(source: FileImport, row: ImportRow) -> str:
    columns = "" if row.verdict == ImportRow.Verdict.NEW else f": {', '.join(row.changes)}"
    return f"By import {source.pk}{columns}."


def end_import(source: FileImport, state: str, *, at: datetime) -> None:
    """The rows are deleted with all that the file said; the counts stay."""
    source.rows.all()._raw_delete(source.rows.db)
    source.state, source.finished_at, source.content = state, at, None
    source.save(update_fields=["state", "finished_at", "content"])
