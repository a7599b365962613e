"""Backfills as jobs: each portion grants to the next chunk of learners."""

from collections.abc import Sequence
from datetime import datetime

from catalogues.editing import fingerprint
from gamification.models import Achievement, Badge, Earnable
from jobs.kinds import JobError, JobKind
from jobs.models import Job
from jobs.services import start_job
from jobs.wording import counted

from .backfill import grant_chunk
from .earners import earners_of

MODELS: dict[str, type[Earnable]] = {"backfill_achievement": Achievement, "backfill_badge": Badge}


def start_backfill(owner: Earnable, *, quiet: bool, actor, at: datetime, without: Sequence[int] = ()) -> Job:
    """Grant it, as it is now, to all who have earned it; a backfill of it that has not ended is returned instead.

    `without` are ids of learners who do not get it.
    """
    kind = next(kind for kind, model in MODELS.items() if isinstance(owner, model))
    unfinished = Job.objects.unfinished().filter(kind=kind, params__id=owner.pk).first()
    shown = {"id": owner.pk, "name": str(owner), "shown": fingerprint(owner)}
    return unfinished or start_job(
        kind,
        params={**shown, "quiet": quiet, "without": list(without)},
        total=earners_of(owner, without=without, at=at).total,
        created_by=actor,
        at=at,
    )


def run_portion(job: Job, at: datetime) -> bool:
    """Raise JobError or NotPublished."""
    owner = MODELS[job.kind].objects.get(pk=job.params["id"])
    if fingerprint(owner) != job.params["shown"]:
        raise JobError(f"“{owner}” was changed meanwhile, so it is granted no further. Look at it again.")
    without = job.params.get("without", ())
    granted = grant_chunk(owner, after=job.cursor.get("after", 0), quiet=job.params["quiet"], at=at, without=without)
    job.done += len(granted.grants)
    job.cursor["xp"] = job.cursor.get("xp", 0) + sum(entry.delta for entry in granted.entries)
    job.cursor["undated"] = job.cursor.get("undated", 0) + sum(not grant.dated for grant in granted.grants)
    job.cursor["after"] = granted.last_id
    return granted.last_id is None


def title(job: Job) -> str:
    return f"Grant “{job.params['name']}”{' quietly' if job.params['quiet'] else ''}"


def outcome(job: Job) -> str:
    undated = job.cursor.get("undated")
    dates = f"; {undated} of them dated by the backfill, since no row says when they earned it" if undated else ""
    return f"Granted to {counted(job.done, 'learner')} with {job.cursor.get('xp', 0):,} XP in all{dates}."


KINDS = [
    JobKind(kind, run_portion, title, outcome, permission=f"gamification.change_{model._meta.model_name}")
    for kind, model in MODELS.items()
]
