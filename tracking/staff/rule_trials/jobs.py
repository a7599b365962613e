"""Trials as jobs: first it is counted who has results in the period, then the results of each learner are priced."""

from datetime import datetime

from django.db.models import Sum

from jobs.kinds import JobError, JobKind
from jobs.models import Job
from jobs.wording import counted
from tracking.models import RuleTrial

from .collecting import collect_portion
from .figures import figures_of
from .pricing import price_portion
from .trials import PLAN, TRY

STEPS = ["completions", "reviews", "pricing", "figures"]


def run_portion(job: Job, at: datetime) -> bool:  # noqa: ARG001 (as in JobKind)
    trial = RuleTrial.objects.filter(pk=job.params["trial"]).first()
    if trial is None:
        raise JobError("The trial has been deleted.")
    step = job.cursor.setdefault("step", STEPS[0])
    if step == "figures":
        _finish(trial)
        return True
    if _run_step(trial, step, job):
        job.cursor = {"step": STEPS[STEPS.index(step) + 1]}
    return False


def _run_step(trial: RuleTrial, step: str, job: Job) -> bool:
    """Whether the step has ended."""
    if step != "pricing":
        return collect_portion(trial, step, job.cursor)
    if job.total is None:
        job.total = _results_of(trial)
    priced = price_portion(trial, job.cursor)
    job.done += priced or 0
    return priced is None


def _results_of(trial: RuleTrial) -> int:
    return int(trial.learners.aggregate(all=Sum("results", default=0))["all"])


def _finish(trial: RuleTrial) -> None:
    trial.figures = figures_of(trial)
    trial.save(update_fields=["figures"])


def title(job: Job) -> str:
    days = job.params["days"]
    period = "all results" if days is None else f"results of the last {days} days"
    act = "Try" if job.kind == TRY else "Prepare a recalculation by"
    return f"{act} version {job.params['version']}: {period}"


def outcome(job: Job) -> str:
    if job.total is None:
        return "It is counted who has results in these days."
    return f"{counted(job.done, 'result')} priced."


PERMISSIONS = {TRY: "gamification.change_xpruleset", PLAN: "gamification.award_xp"}
KINDS = [JobKind(name, run_portion, title, outcome, permission=permission) for name, permission in PERMISSIONS.items()]
