"""The kinds of jobs that staff start."""

from jobs.kinds import register

from . import backfill_jobs, bulk_reversal_jobs
from .amnesties import granting, previewing, undoing

AMNESTIES = [previewing.KIND, granting.KIND, undoing.KIND]


def register_all() -> None:
    for kind in [*backfill_jobs.KINDS, bulk_reversal_jobs.KIND, *AMNESTIES]:
        register(kind)
