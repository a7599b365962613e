"""Scrubs the completions and kept answers of an erased person: a few at once, many by a job."""

from datetime import datetime

from jobs.kinds import JobKind
from jobs.models import Job
from jobs.services import start_job
from tracking.maintenance.erasing import has_more_than, scrub_portion
from tracking.models import Completion

AT_ONCE = 1_000  # completions; scrubbing more takes longer than a request should


def scrub_deeds(user_id: int, *, at: datetime) -> None:
    """In the transaction that erases the person, after everything that was under way for them."""
    if has_more_than(AT_ONCE, user_id):
        total = Completion.objects.filter(learner=user_id).count()
        start_job(KIND.name, params={}, created_by=None, at=at, total=total, learner_id=user_id)
        return
    cursor: dict = {}
    while not scrub_portion(user_id, cursor, at=at):
        pass


def run_portion(job: Job, at: datetime) -> bool:
    is_finished = scrub_portion(job.learner_id, job.cursor, at=at)
    job.done = job.cursor["scrubbed"]
    return is_finished


KIND = JobKind(
    name="scrub_erased_person",
    run_portion=run_portion,
    title=lambda job: f"Scrub the results of erased person {job.learner_id}",
    outcome=lambda job: f"Event ids and texts removed from {job.done} results.",
    permission="accounts.erase_user",
)
