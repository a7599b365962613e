"""Uploading a file, importing what was compared, discarding it."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from approvals.models import ApprovalRequest
from approvals.services import wait_for_turn

from . import jobs
from .applying import ChangedMeanwhileError, end_import, rows_to_write
from .approvals import request_import
from .comparing import compare_again, compare_portion, finish_comparison, take_rows
from .models import FileImport
from .reading.files import ending_of
from .resources import ExchangeResource, resource_named

KEPT_FOR = timedelta(days=1)
KEPT_WITH_A_REQUEST_FOR = timedelta(days=30)
State = FileImport.State


class NotImportedError(Exception):
    """A sentence for staff; nothing has changed."""


@transaction.atomic
def upload(*, resource: ExchangeResource, file_name: str, content: bytes, at: datetime) -> FileImport:
    """Compare a file; one with many rows is compared by a job. Raises UnreadableFileError."""
    discard_old(at=at)
    source = FileImport.objects.create(
        kind=resource.kind,
        file_name=file_name[-100:],
        ending=ending_of(file_name),
        content=content,
        created_by=resource.actor,
        created_at=at,
    )
    if take_rows(source, resource, at_most=settings.EXCHANGE_ROWS_AT_ONCE):
        compare_all(source, resource)
    else:
        jobs.start(source, jobs.COMPARE, at=at)
    return source


def compare_all(source: FileImport, resource: ExchangeResource) -> None:
    after: int | None = 0
    while after is not None:
        after = compare_portion(source, resource, after=after)
    finish_comparison(source, resource)


def apply_or_request(
    import_id: int, *, actor: Any, at: datetime, shown: str, leave_out: bool
) -> FileImport | ApprovalRequest:
    """Import what the comparison with the fingerprint `shown` says, once.

    `leave_out` leaves out the rows that are refused; otherwise one of them keeps the whole file out. Raises
    NotImportedError, and ChangedMeanwhileError: then it is compared again.
    """
    try:
        with transaction.atomic():
            return _apply_or_request(import_id, actor=actor, at=at, shown=shown, leave_out=leave_out)
    except ChangedMeanwhileError as changed:
        recompare(import_id, actor=actor, message=str(changed), at=at)
        raise


def _apply_or_request(
    import_id: int, *, actor: Any, at: datetime, shown: str, leave_out: bool
) -> FileImport | ApprovalRequest:
    source = _locked(import_id, actor)
    if source.state != State.COMPARED or source.fingerprint != shown:
        raise NotImportedError("It is not what this page showed any more, so nothing was imported.")
    if source.counts.get("refused") and not leave_out:
        raise NotImportedError("Rows are refused, so nothing was imported.")
    if source.to_write == 0:
        raise NotImportedError("The file changes nothing.")
    resource = resource_named(source.kind)(actor=actor, at=at)
    _wait_for_own_imports(source)
    if resource.second_person(list(rows_to_write(source))):
        return request_import(source, resource, at=at)
    return jobs.apply_import(source, resource, at=at)


def _wait_for_own_imports(source: FileImport) -> None:
    """Changes of one person count together (approvals), so two imports must not run beside each other."""
    wait_for_turn(source.created_by)
    running = FileImport.objects.filter(kind=source.kind, state=State.APPLYING, created_by=source.created_by_id)
    if running.exists():
        raise NotImportedError("Another import of yours is running. Wait until it has ended.")


@transaction.atomic
def recompare(import_id: int, *, actor: Any, at: datetime, message: str = "") -> FileImport:
    """Compare the file with what is stored now."""
    source = _locked(import_id, actor)
    if source.state != State.COMPARED:
        raise NotImportedError("It cannot be compared now.")
    source.message = message
    source.save(update_fields=["message"])
    compare_again(source)
    if jobs.is_long(source.rows.count()):
        jobs.start(source, jobs.COMPARE, at=at)
    else:
        compare_all(source, resource_named(source.kind)(actor=actor, at=at))
    return source


@transaction.atomic
def discard(import_id: int, *, actor: Any, at: datetime) -> FileImport:
    source = _locked(import_id, actor)
    if source.state not in (State.COMPARED, State.COMPARING, State.REQUESTED):
        raise NotImportedError("It cannot be discarded now.")
    jobs.cancel(source, at=at)
    end_import(source, State.DISCARDED, at=at)
    return source


@transaction.atomic
def discard_old(*, at: datetime) -> int:
    """Imports that nobody finished within a day, or a month while they wait for a second person."""
    old = FileImport.objects.filter(
        state__in=[State.COMPARED, State.COMPARING], created_at__lt=at - KEPT_FOR
    ) | FileImport.objects.filter(state=State.REQUESTED, created_at__lt=at - KEPT_WITH_A_REQUEST_FOR)
    sources = list(old.select_for_update(no_key=True, of=("self",), skip_locked=True))
    for source in sources:
        jobs.cancel(source, at=at)
        end_import(source, State.DISCARDED, at=at)
    return len(sources)


def discard_kind(kind: str, *, at: datetime) -> None:
    """When a person is erased, files that may name them are not kept."""
    for source in FileImport.objects.filter(kind=kind, state__in=[State.COMPARED, State.COMPARING]).locked():
        jobs.cancel(source, at=at)
        end_import(source, State.DISCARDED, at=at)


def _locked(import_id: int, actor: Any) -> FileImport:
    """Raises FileImport.DoesNotExist for the import of somebody else."""
    return FileImport.objects.locked().select_related("created_by").get(pk=import_id, created_by=actor.pk)
