"""The kinds of jobs that staff start."""

from jobs.kinds import register

from . import backfill_jobs


def register_all() -> None:
    for kind in backfill_jobs.KINDS:
        register(kind)
