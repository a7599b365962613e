"""Recalculating and undoing it: by one person up to the limit, above it with a second one."""

from datetime import datetime
from typing import Any

from django.db import transaction
from rest_framework.exceptions import APIException

from approvals.errors import OwnXP, RequestOutdated
from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from approvals.services import is_above_limit, request_approval
from gamification.staff import note_with_reason
from jobs.models import Job
from jobs.services import start_job
from jobs.wording import counted
from tracking.errors import RecalculationRefused
from tracking.models import Recalculation, RuleTrial, TriedLearner
from tracking.staff.rule_trials.trials import why_outdated

from .jobs import RECALCULATE, UNDO

NAME = "recalculation"
Outcome = Recalculation | ApprovalRequest


def moved_by(trial: RuleTrial) -> int:
    """All XP that is given and taken, as the trial has found it."""
    figures = trial.figures or {}
    return int(figures.get("gained_xp", 0) - figures.get("lost_xp", 0))


@transaction.atomic
def recalculate_or_request(trial: RuleTrial, *, reason: str, note: str, actor: Any, at: datetime) -> Outcome:
    """Start the job, or request it; a second call finds what the first one started. Raise RecalculationRefused."""
    trial = _locked(trial.pk)
    if started := Recalculation.objects.filter(trial=trial).first():
        return started
    if refusal := refusal_of(trial):
        raise refusal
    if is_above_limit(moved_by(trial)):
        return _request(trial, undo=False, reason=reason, note=note, actor=actor, at=at)
    return _start(trial, note=note_with_reason(reason, note), actor=actor, at=at, left_out=[actor.pk])


@transaction.atomic
def undo_or_request(recalculation: Recalculation, *, reason: str, note: str, actor: Any, at: datetime) -> Outcome:
    """As `recalculate_or_request`."""
    trial = _locked(recalculation.trial_id)
    recalculation = Recalculation.objects.select_related("job").get(pk=recalculation.pk)
    if recalculation.undo_job_id:
        return recalculation
    if refusal := refusal_of_undoing(recalculation):
        raise refusal
    if _is_changed(recalculation, actor.pk):
        raise OwnXP
    if is_above_limit(moved_by(trial)):
        return _request(trial, undo=True, reason=reason, note=note, actor=actor, at=at)
    return _start_undoing(recalculation, note=note_with_reason(reason, note), actor=actor, at=at)


def refusal_of(trial: RuleTrial) -> APIException | None:
    if not trial.is_recalculation or not trial.is_finished:
        return RecalculationRefused("Only what has been prepared to the end can be recalculated.")
    if outdated := why_outdated(trial):
        return RecalculationRefused(outdated)
    if not trial.figures["changed"]:
        return RecalculationRefused("Nothing would change.")
    if running := Job.objects.unfinished().filter(kind__in=[RECALCULATE, UNDO]).first():
        return RecalculationRefused(f"Another recalculation is not finished: job {running.pk}.")
    return None


def refusal_of_undoing(recalculation: Recalculation) -> APIException | None:
    if not recalculation.job.is_finished:
        return RecalculationRefused("It is not finished. Cancel its job first, or wait.")
    if running := Job.objects.unfinished().filter(kind__in=[RECALCULATE, UNDO]).first():
        return RecalculationRefused(f"Another recalculation is not finished: job {running.pk}.")
    return None


@register
class RecalculationKind(ApprovalKind):
    """Nobody approves what changes their own XP: the accounts of both are left out of a recalculation."""

    name, label, permission = NAME, "Recalculation", "gamification.award_xp"

    def refusal(self, request: ApprovalRequest, *, actor: Any, at: datetime) -> APIException | None:
        recalculation = Recalculation.objects.filter(trial=request.payload["trial"]).first()
        if request.payload["undo"] and recalculation and _is_changed(recalculation, actor.pk):
            return OwnXP()
        return super().refusal(request, actor=actor, at=at)

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:
        trial = _locked(request.payload["trial"])
        actor, note = request.requested_by, note_with_reason(request.reason, request.note)
        if request.payload["undo"]:
            recalculation = Recalculation.objects.select_related("job").get(trial=trial)
            if recalculation.undo_job_id:
                raise RequestOutdated
            if refusal := refusal_of_undoing(recalculation):
                raise refusal
            done = _start_undoing(recalculation, note=note, actor=actor, at=at)
            return {"job_id": done.undo_job_id, "done": f"Job {done.undo_job_id} undoes it."}
        if Recalculation.objects.filter(trial=trial).exists():
            raise RequestOutdated
        if refusal := refusal_of(trial):
            raise refusal
        left_out = [actor.pk, request.decided_by_id]
        done = _start(trial, note=note, actor=actor, at=at, left_out=left_out)
        return {"job_id": done.job_id, "done": f"Job {done.job_id} recalculates."}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:  # noqa: ARG002 (as in ApprovalKind)
        trial = RuleTrial.objects.get(pk=request.payload["trial"])
        return in_sentences(trial, undo=request.payload["undo"])


def in_sentences(trial: RuleTrial, *, undo: bool = False) -> list[str]:
    figures = trial.figures
    gained, lost = ("lose", "gain") if undo else ("gain", "lose")
    act = "The entries of the recalculation are reversed" if undo else f"Version {trial.version} prices {trial.period}"
    return [
        f"{act}: {counted(figures['results'], 'result')} of {counted(figures['learners'], 'learner')}.",
        f"Learners who {gained}: {figures['gain']:,}, by {figures['gained_xp']:,} XP in all.",
        f"Learners who {lost}: {figures['lose']:,}, by {-figures['lost_xp']:,} XP in all.",
    ]


def _request(trial: RuleTrial, *, undo: bool, reason: str, note: str, actor: Any, at: datetime) -> ApprovalRequest:
    figures = trial.figures
    net = figures["gained_xp"] + figures["lost_xp"]
    act = "Undo the recalculation" if undo else "Recalculate"
    return request_approval(
        kind=NAME,
        subject=f"{NAME}:{trial.pk}",
        payload={"trial": trial.pk, "undo": undo},
        summary=f"{act} by version {trial.version}: {trial.period} ({-net if undo else net:+,} XP)",
        xp=-net if undo else net,
        reason=reason,
        note=note,
        actor=actor,
        at=at,
    )


def _start(trial: RuleTrial, *, note: str, actor: Any, at: datetime, left_out: list[int]) -> Recalculation:
    recalculation = Recalculation.objects.create(trial=trial, started_by=actor, left_out=left_out, created_at=at)
    recalculation.job = _start_job(RECALCULATE, recalculation, note=note, actor=actor, at=at)
    recalculation.save(update_fields=["job"])
    return recalculation


def _start_undoing(recalculation: Recalculation, *, note: str, actor: Any, at: datetime) -> Recalculation:
    recalculation.undo_job = _start_job(UNDO, recalculation, note=note, actor=actor, at=at)
    recalculation.save(update_fields=["undo_job"])
    return recalculation


def _start_job(kind: str, recalculation: Recalculation, *, note: str, actor: Any, at: datetime) -> Job:
    trial = recalculation.trial
    params = {"recalculation": recalculation.pk, "version": trial.version}
    return start_job(kind, params=params, total=trial.figures["moved"], note=note, created_by=actor, at=at)


def _is_changed(recalculation: Recalculation, person_id: int) -> bool:
    """Whether the recalculation has changed this person's XP."""
    if person_id in recalculation.left_out:
        return False
    return TriedLearner.objects.filter(trial=recalculation.trial_id, learner=person_id, changed__gt=0).exists()


def _locked(trial_id: int) -> RuleTrial:
    return RuleTrial.objects.select_for_update(no_key=True, of=("self",)).select_related("rule_set").get(pk=trial_id)
