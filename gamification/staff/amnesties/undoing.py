"""Undoing an amnesty: every day, freeze and streak becomes what it was, unless a learner depends on it.

A job first looks at all who have it. If anybody depends on it, it stands. Otherwise it is marked, so that nobody gets
it any more, and taken back learner by learner. Who has come to depend on it meanwhile keeps it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from rest_framework import status
from rest_framework.exceptions import APIException

from gamification.models import Amnesty, AppliedAmnesty
from gamification.streaks.effects import depends_on
from jobs.kinds import JobKind
from jobs.models import Job
from jobs.services import start_job
from jobs.wording import counted

from .restoring import note_dependants, restore, with_days
from .states import UNDO, refusal_to_undo

BATCH = 200  # learners a transaction
SHOWN = 20  # names of those who depend on it


class AmnestyStands(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "amnesty_stands"


@transaction.atomic
def undo_amnesty(amnesty_id: int, *, note: str, actor: Any, at: datetime) -> tuple[Job, bool]:
    """Start the job, and say whether this call did; a second call finds that one. Raise AmnestyStands."""
    # Without a join: who waited for the lock would read the joined row as it was before.
    amnesty = Amnesty.objects.select_for_update(no_key=True).get(pk=amnesty_id)
    if amnesty.undo_job and not amnesty.undo_job.is_finished:
        return amnesty.undo_job, False
    if refusal := refusal_to_undo(amnesty):
        raise AmnestyStands(refusal)
    params = {"amnesty": amnesty.pk, "number": amnesty.number}
    amnesty.undo_job = start_job(UNDO, params=params, note=note, created_by=actor, at=at)
    amnesty.save(update_fields=["undo_job"])
    return amnesty.undo_job, True


def users_of(amnesty: Amnesty, at: datetime) -> list[AppliedAmnesty]:
    """Who depends on it: of the first learners as of now, of the others as the last job has found."""
    first = list(AppliedAmnesty.objects.filter(amnesty=amnesty).order_by("learner")[:BATCH])
    found = [effect for effect, days in with_days(first, at) if depends_on(effect, days)]
    more = AppliedAmnesty.objects.filter(amnesty=amnesty, is_used=True).exclude(pk__in=[each.pk for each in first])
    return [*found, *more.order_by("learner")[:SHOWN]]


def run_portion(job: Job, at: datetime) -> bool:
    """Check all learners, then mark the amnesty, then restore all learners."""
    amnesty = Amnesty.objects.get(pk=job.params["amnesty"])
    step = job.cursor.setdefault("step", "check")
    if step == "mark":
        return _mark(amnesty, job, at)
    rows = AppliedAmnesty.objects.filter(amnesty=amnesty)
    if job.total is None:
        job.total = 2 * rows.count()
    after = rows.filter(learner__gt=job.cursor.get("after", 0)).order_by("learner")
    learner_ids = list(after.values_list("learner", flat=True)[:BATCH])
    if not learner_ids:
        return _end_step(job, step)
    used = (_check if step == "check" else restore)(amnesty, learner_ids, at)
    job.cursor["used"] = job.cursor.get("used", 0) + used
    job.cursor["restored"] = job.cursor.get("restored", 0) + len(learner_ids) - used
    job.cursor["after"] = learner_ids[-1]
    job.done += len(learner_ids)
    return False


def _end_step(job: Job, step: str) -> bool:
    """Whether all is done: nothing is taken back while anybody depends on it."""
    if step == "check" and not job.cursor.get("used"):
        job.cursor = {"step": "mark"}
        return False
    return True


def _mark(amnesty: Amnesty, job: Job, at: datetime) -> bool:
    """Wait for those who are just getting it, and for an amnesty that is just being granted; nobody gets it later."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Amnesty._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    if Amnesty.objects.standing().filter(number__gt=amnesty.number).exists():
        job.cursor["later"] = True
        return True
    Amnesty.objects.filter(pk=amnesty.pk).update(undone_at=at)
    job.cursor = {"step": "restore"}
    return False


def _check(amnesty: Amnesty, learner_ids: Sequence[int], at: datetime) -> int:
    """Note who depends on it; return how many do."""
    effects = list(AppliedAmnesty.objects.filter(amnesty=amnesty, learner__in=learner_ids))
    note_dependants(with_days(effects, at))
    return sum(effect.is_used for effect in effects)


def outcome_of_undoing(job: Job) -> str:
    used = job.cursor.get("used", 0)
    if job.cursor.get("later"):
        return "It stands: a later amnesty was granted."
    if job.cursor.get("step") != "restore":
        depend = counted(used, "learner depends", "learners depend")
        return f"It stands: {depend} on it." if used else "It is looked at who depends on it."
    kept = f" {counted(used, 'learner', 'learners')} came to depend on it meanwhile and kept it." if used else ""
    return f"It is undone for {counted(job.cursor.get('restored', 0), 'learner')}.{kept}"


KIND = JobKind(
    UNDO,
    run_portion,
    title=lambda job: f"Undo amnesty {job.params['number']}",
    outcome=outcome_of_undoing,
    permission="gamification.add_amnesty",
)
