"""Imports of many rows as jobs: comparing, and importing, each in portions."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from django.conf import settings
from django.db import transaction

from jobs.kinds import JobError, JobKind, register
from jobs.models import Job
from jobs.services import start_job
from jobs.wording import counted

from .applying import ChangedMeanwhileError, apply_portion, end_import
from .comparing import compare_again, compare_portion, finish_comparison, take_rows
from .models import FileImport
from .reading.rows import UnreadableFileError
from .resources import ExchangeResource, resource_named

COMPARE, APPLY = "compare", "apply"


def start(source: FileImport, step: str, *, at: datetime) -> Job:
    return start_job(
        kind_of(source.kind),
        params={"import": source.pk, "step": step, "file": source.file_name},
        total=source.to_write if step == APPLY else None,
        created_by=source.created_by,
        at=at,
    )


def is_long(count: int) -> bool:
    return count > cast(int, settings.EXCHANGE_ROWS_AT_ONCE)


def apply_import(source: FileImport, resource: ExchangeResource, *, at: datetime) -> FileImport:
    """Write it now, or with many rows by a job. Raises ChangedMeanwhileError."""
    if is_long(source.to_write):
        source.state = FileImport.State.APPLYING
        source.save(update_fields=["state"])
        start(source, APPLY, at=at)
        return source
    after: int | None = -1
    while after is not None:
        after = apply_portion(source, resource, after=after)
    end_import(source, FileImport.State.DONE, at=at)
    return source


def kind_of(kind: str) -> str:
    return f"import_{kind}"


def job_of(source: FileImport) -> Job | None:
    """The newest one."""
    return Job.objects.filter(kind=kind_of(source.kind), params__import=source.pk).order_by("-pk").first()


def cancel(source: FileImport, *, at: datetime) -> None:
    jobs = Job.objects.unfinished().filter(kind=kind_of(source.kind), params__import=source.pk)
    jobs.update(state=Job.State.CANCELLED, finished_at=at)


def run_portion(job: Job, at: datetime) -> bool:
    """Raises JobError."""
    source = FileImport.objects.locked().select_related("created_by").get(pk=job.params["import"])
    if not source.is_open:
        raise JobError("The import was discarded.")
    resource = resource_named(source.kind)(actor=source.created_by, at=at)
    step = job.cursor.get("step", job.params["step"])
    return STEPS[step](job, source, resource, at)


def _compare(job: Job, source: FileImport, resource: ExchangeResource, at: datetime) -> bool:
    if source.content is not None:
        return _read(job, source, resource, at)
    job.total = job.total or source.rows.count()
    last = compare_portion(source, resource, after=job.cursor.get("after", 0))
    if last is None:
        finish_comparison(source, resource)
        return True
    job.done = source.rows.filter(number__lte=last).count()
    job.cursor = {**job.cursor, "after": last}
    return False


def _read(job: Job, source: FileImport, resource: ExchangeResource, at: datetime) -> bool:
    try:
        with transaction.atomic():
            take_rows(source, resource)
    except UnreadableFileError as error:
        source.message = str(error)
        source.save(update_fields=["message"])
        end_import(source, FileImport.State.DISCARDED, at=at)
        job.cursor = {"refused": str(error)}
        return True
    job.total = source.rows.count()
    return False


def _apply(job: Job, source: FileImport, resource: ExchangeResource, at: datetime) -> bool:
    try:
        with transaction.atomic():
            last = apply_portion(source, resource, after=job.cursor.get("after", -1))
    except ChangedMeanwhileError as changed:
        source.message = f"{changed} {counted(job.done, 'row')} had been imported by then."
        source.save(update_fields=["message"])
        compare_again(source)
        job.cursor, job.total, job.done = {"step": COMPARE}, source.rows.count(), 0
        return False
    if last is None:
        end_import(source, FileImport.State.DONE, at=at)
        return True
    job.done = source.rows.filter(verdict__in=("new", "changed"), place__lte=last).count()
    job.cursor = {"after": last}
    return False


STEPS: dict[str, Callable[[Job, FileImport, ExchangeResource, datetime], bool]] = {COMPARE: _compare, APPLY: _apply}


def title(job: Job) -> str:
    act = "FileImport" if job.params["step"] == APPLY else "Compare"
    return f"{act} “{job.params['file']}”"


def outcome(job: Job) -> str:
    if refused := job.cursor.get("refused"):
        return str(refused)
    act = "imported" if job.params["step"] == APPLY else "compared"
    return f"{counted(job.done, 'row')} {act}."


def register_kind(resource: type[ExchangeResource]) -> None:
    register(JobKind(kind_of(resource.kind), run_portion, title, outcome, permission=resource.permission()))
