"""Starting a job, cancelling it, continuing one that stopped."""

from datetime import datetime
from typing import Any

from django.db import transaction

from .background import job_thread
from .models import Job


@transaction.atomic
def start_job(
    kind: str,
    *,
    params: dict[str, Any],
    created_by: Any,
    at: datetime,
    total: int | None = None,
    learner_id: int | None = None,
    note: str = "",
) -> Job:
    """Add a job that runs after the commit; the caller has checked the permission of its kind."""
    job = Job.objects.create(
        kind=kind,
        params=params,
        total=total,
        created_by=created_by,
        learner_id=learner_id,
        note=note,
        created_at=at,
        heartbeat=at,
    )
    transaction.on_commit(job_thread.wake, robust=True)
    return job


@transaction.atomic
def cancel_job(job_id: int, *, at: datetime) -> bool:
    """Stop a job after the portion that runs; what was done stays. False if it had finished."""
    job = Job.objects.locked().get(pk=job_id)
    if job.is_finished:
        return False
    job.state, job.finished_at = Job.State.CANCELLED, at
    job.save(update_fields=["state", "finished_at"])
    return True


@transaction.atomic
def continue_job(job_id: int) -> bool:
    """Let a job that failed or was cancelled go on where it stopped. False for every other one."""
    job = Job.objects.locked().get(pk=job_id)
    if job.state not in (Job.State.FAILED, Job.State.CANCELLED):
        return False
    job.state, job.finished_at, job.error = Job.State.WAITING, None, ""
    job.save(update_fields=["state", "finished_at", "error"])
    transaction.on_commit(job_thread.wake, robust=True)
    return True
