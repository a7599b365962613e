"""Held results: which wait, and releasing or refusing many of them at once by a job."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from rest_framework.exceptions import APIException, ValidationError

from approvals.errors import OwnXP
from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from approvals.services import is_above_limit, request_approval, wait_for_turn
from gamification.awards import price, published_rules, total
from gamification.errors import LearnerErased
from jobs.kinds import JobKind
from jobs.models import Job
from jobs.services import start_job
from jobs.wording import counted
from tracking.models import Completion, CompletionQuerySet
from tracking.recording.completions import facts_of
from tracking.recording.services import refuse_completion, release_completion

NAME = "decide_held_results"
DECIDE_HELD = "tracking.decide_held_results"  # the permission
MOST = 1_000  # results in one action
PORTION = 20  # results
SUMMED_OVER = timedelta(hours=24)


@dataclass(frozen=True)
class Decision:
    """What is decided about which results. `most_xp` is what they pay at most, not counting what that unlocks."""

    ids: list[int]
    learner_ids: set[int]
    release: bool
    most_xp: int

    @property
    def summary(self) -> str:
        act = "Release" if self.release else "Refuse"
        xp = f" (at most {self.most_xp} XP)" if self.release else ""
        return f"{act} {counted(len(self.ids), 'held result')} of {counted(len(self.learner_ids), 'learner')}{xp}"


def decidable(*, release: bool, actor: Any) -> CompletionQuerySet:
    """What waits; a refusal can be taken back by a release.

    Nobody decides about their own results, and nothing is decided about learners who have been erased.
    """
    held = Completion.objects.held() if release else Completion.objects.waiting()
    return held.exclude(learner=actor).filter(learner__profile__erased_at=None)


def decision_about(completions: CompletionQuerySet, *, release: bool, actor: Any) -> Decision:
    """About the oldest of these that can be decided, at most MOST: in the order in which they are decided."""
    oldest = (completions & decidable(release=release, actor=actor)).order_by("pk").values("pk")[:MOST]
    rows = Completion.objects.filter(pk__in=list(oldest.values_list("pk", flat=True))).select_related("level")
    # By learner, since a portion locks the profiles in this order; and as they happened, since each pays by the others.
    chosen = list(rows.order_by("learner_id", "occurred_at", "pk"))
    return Decision(
        ids=[completion.pk for completion in chosen],
        learner_ids={completion.learner_id for completion in chosen},
        release=release,
        most_xp=_most_xp(chosen) if release else 0,
    )


def needs_approval(decision: Decision, *, actor: Any, at: datetime) -> bool:
    """Whether these, together with what `actor` released within 24 hours, take a second person."""
    return decision.release and is_above_limit(decision.most_xp + _released_by(actor, since=at - SUMMED_OVER))


@transaction.atomic
def decide_or_request(decision: Decision, *, note: str, actor: Any, at: datetime) -> Job | ApprovalRequest:
    """Start the job that decides, or request it where a second person has to approve it. Raise ValidationError."""
    if not decision.ids:
        raise ValidationError("None of these results waits for a decision of yours.")
    wait_for_turn(actor)
    if not needs_approval(decision, actor=actor, at=at):
        return _start(decision, note=note, actor=actor, at=at)
    learners = decision.learner_ids
    return request_approval(
        kind=NAME,
        subject="held results",
        payload={"ids": decision.ids},
        summary=decision.summary,
        xp=decision.most_xp,
        learner_id=next(iter(learners)) if len(learners) == 1 else None,
        note=note,
        actor=actor,
        at=at,
    )


@register
class ReleaseKind(ApprovalKind):
    """Approved, it releases those of the results that still wait."""

    name, label, permission = NAME, "Release of held results", DECIDE_HELD

    def refusal(self, request: ApprovalRequest, *, actor: Any, at: datetime) -> APIException | None:
        is_own = Completion.objects.filter(pk__in=request.payload["ids"], learner=actor).exists()
        return OwnXP() if is_own else super().refusal(request, actor=actor, at=at)

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:
        decision = self._decision(request)
        job = _start(decision, note=request.note, actor=request.requested_by, at=at)
        return {"job_id": job.pk, "done": f"Job {job.pk} releases {counted(len(decision.ids), 'result')}."}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:  # noqa: ARG002 (as in ApprovalKind)
        return [f"{self._decision(request).summary}."]

    def _decision(self, request: ApprovalRequest) -> Decision:
        asked = Completion.objects.filter(pk__in=request.payload["ids"])
        decision = decision_about(asked, release=True, actor=request.requested_by)
        if not decision.ids:
            raise ValidationError("None of these results waits any more.")
        return decision


def run_portion(job: Job, at: datetime) -> bool:
    ids = job.params["ids"][job.done : job.done + PORTION]
    release = job.params["release"]
    rows = decidable(release=release, actor=job.created_by).filter(pk__in=ids)
    by_id = rows.select_related("level", "session", "learner").in_bulk()
    decided = [by_id[pk] for pk in ids if pk in by_id and _decide(by_id[pk], release=release, at=at)]
    _log(decided, job)
    job.cursor["decided"] = job.cursor.get("decided", 0) + len(decided)
    job.done += len(ids)
    return job.done >= len(job.params["ids"])


def title(job: Job) -> str:
    return f"{'Release' if job.params['release'] else 'Refuse'} {counted(len(job.params['ids']), 'held result')}"


def outcome(job: Job) -> str:
    decided = job.cursor.get("decided", 0)
    left_out = f"; {job.done - decided} waited no longer" if job.done > decided else ""
    return f"{counted(decided, 'result')} {'released' if job.params['release'] else 'refused'}{left_out}."


KIND = JobKind(NAME, run_portion, title, outcome, permission=DECIDE_HELD)


def _start(decision: Decision, *, note: str, actor: Any, at: datetime) -> Job:
    params = {"ids": decision.ids, "release": decision.release, "xp": decision.most_xp}
    return start_job(NAME, params=params, total=len(decision.ids), note=note, created_by=actor, at=at)


def _most_xp(completions: Iterable[Completion]) -> int:
    rules = published_rules()
    return sum(total(price(facts_of(completion), rules)) for completion in completions)


def _released_by(actor: Any, *, since: datetime) -> int:
    jobs = Job.objects.filter(kind=NAME, created_by=actor, created_at__gt=since)
    return sum(params["xp"] for params in jobs.values_list("params", flat=True))


def _decide(completion: Completion, *, release: bool, at: datetime) -> bool:
    """False for a learner who was erased after the row was read."""
    try:
        (release_completion if release else refuse_completion)(completion, at=at)
    except LearnerErased:
        return False
    return True


def _log(decided: Sequence[Completion], job: Job) -> None:
    """In the admin's history of each result: by whom, and why."""
    content_type = ContentType.objects.get_for_model(Completion)
    message = f"{'Released' if job.params['release'] else 'Refused'} (job {job.pk}). {job.note}"
    LogEntry.objects.bulk_create(
        LogEntry(
            user=job.created_by,
            content_type=content_type,
            object_id=str(completion.pk),
            object_repr=str(completion)[:200],
            action_flag=CHANGE,
            change_message=message,
        )
        for completion in decided
    )
