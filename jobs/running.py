"""Runs jobs: each portion in one transaction with its progress, so that a crash neither loses nor doubles anything."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from django.db import OperationalError, transaction
from django.utils import timezone

from .kinds import JobError, JobKind, kind_named
from .models import Job

logger = logging.getLogger(__name__)

WITHOUT_PROGRESS = ["state", "started_at", "finished_at", "heartbeat", "error"]
PROGRESS = [*WITHOUT_PROGRESS, "done", "total", "cursor"]
PAUSE_AFTER_AN_ERROR = 5.0  # seconds


def run_waiting_jobs(pause: Callable[[float], None] = time.sleep) -> None:
    """Run portions, of all jobs in turn, until no job is left that this process could run.

    After each portion it pauses as long as the portion took, so that requests get the database in between.
    """
    while True:
        began = time.monotonic()
        job = run_next_portion()
        if job is None:
            return
        is_tried_again = bool(job.error) and not job.is_finished
        pause(PAUSE_AFTER_AN_ERROR if is_tried_again else time.monotonic() - began)


def run_next_portion() -> Job | None:
    """Run one portion of the job that has waited longest, and return the job; None if there is none."""
    # Without a job no transaction begins: on SQLite it would keep writers waiting.
    if not Job.objects.unfinished().exists():
        return None
    with transaction.atomic():
        job = Job.objects.claimable().select_related("learner", "created_by").first()
        if job:
            _run_portion(job)
        return job


def _run_portion(job: Job) -> None:
    at = timezone.now()
    job.state, job.started_at, job.heartbeat = Job.State.RUNNING, job.started_at or at, at
    try:
        # A savepoint: what a portion wrote before it failed is taken back, and the failure is still saved.
        with transaction.atomic():
            finished = _kind_of(job).run_portion(job, at)
            if finished:
                job.state, job.finished_at = Job.State.DONE, at
            job.error = ""
            job.save(update_fields=PROGRESS)
    except OperationalError as error:
        # A lock or a limit of time, which will pass.
        logger.warning("Job %s (%s) is tried again: %s", job.pk, job.kind, error)
        job.error = f"Tried again, because of the database: {error}"
        job.save(update_fields=WITHOUT_PROGRESS)
    except JobError as error:
        _fail(job, str(error), at)
    except Exception as error:
        logger.exception("Job %s (%s) failed.", job.pk, job.kind)
        _fail(job, f"{type(error).__name__}: {error}", at)


def _kind_of(job: Job) -> JobKind:
    kind = kind_named(job.kind)
    if kind is None:
        raise JobError(f"There is no code for jobs of the kind “{job.kind}”.")
    return kind


def _fail(job: Job, error: str, at: datetime) -> None:
    job.state, job.error, job.finished_at = Job.State.FAILED, error, at
    job.save(update_fields=WITHOUT_PROGRESS)
