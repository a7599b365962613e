"""The kinds of jobs that staff start."""

from jobs.kinds import register

from . import amnesties, backfill_jobs, bulk_reversal_jobs


def register_all() -> None:
    for kind in [*backfill_jobs.KINDS, bulk_reversal_jobs.KIND, amnesties.KIND]:
        register(kind)
