"""Reverse since: what staff choose, what it would do, and doing it once, with a second person above the limit."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from rest_framework.exceptions import APIException

from approvals.errors import OwnXP
from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from approvals.services import request_approval, wait_for_turn
from gamification.awards import METRIC_REFERENCE
from gamification.errors import NotReversible
from gamification.staff import (
    REVERSE_SINCE,
    BulkPlan,
    Criteria,
    needs_approval,
    note_with_reason,
    plan_bulk_reversal,
    start_bulk_reversal,
    unfinished_reversal_of,
)
from jobs.models import Job
from jobs.wording import counted
from levels.models import Level
from tracking.models import Completion, MetricEvent
from tracking.recording.completions import REFERENCE as COMPLETION_REFERENCE
from tracking.recording.completions import subject_of

NAME = "reverse_since"


@dataclass(frozen=True)
class Choice:
    """Of one learner: what was written from `since` to `until`, of one level, source, key or trust where one is given.

    Times are in ISO format, so that a choice is JSON.
    """

    learner_id: int
    until: str
    since: str | None = None
    level_id: int | None = None
    source: str = ""
    server_key: str = ""  # its prefix
    trust: str = ""
    adjustments: bool = False


def plan_reversal_since(choice: Choice) -> BulkPlan:
    return plan_bulk_reversal(
        Criteria(
            learner_id=choice.learner_id,
            until=datetime.fromisoformat(choice.until),
            since=datetime.fromisoformat(choice.since) if choice.since else None,
            trust=choice.trust,
            subject=subject_of(choice.level_id) if choice.level_id else "",
            references=_references(choice) if choice.source or choice.server_key else None,
            adjustments=choice.adjustments,
        )
    )


def levels_of(plan: BulkPlan) -> list[Level]:
    """The levels whose XP falls away."""
    prefix = subject_of("")
    ids = [int(subject.removeprefix(prefix)) for subject in plan.subjects if subject.startswith(prefix)]
    return list(Level.objects.filter(pk__in=ids).order_by("number", "pk"))


@transaction.atomic
def reverse_or_request(choice: Choice, *, reason: str, note: str, actor: Any, at: datetime) -> Job | ApprovalRequest:
    """Start the job that reverses, or request it where a second person has to approve it.

    Raise OwnXP, or NotReversible where there is nothing to reverse or another bulk reversal of the learner runs.
    """
    if actor.pk == choice.learner_id:
        raise OwnXP
    wait_for_turn(actor)
    plan = plan_reversal_since(choice)
    if refusal := refusal_of(plan, choice.learner_id):
        raise refusal
    if not needs_approval(learner_id=choice.learner_id, amount=plan.moved, actor=actor, at=at):
        return _start(choice, plan, reason=reason, note=note, actor=actor, at=at)
    return request_approval(
        kind=NAME,
        subject=f"learner:{choice.learner_id}",
        payload=asdict(choice),
        same={**asdict(choice), "until": None},
        summary=f"Reverse {counted(len(plan.lines), 'ledger entry', 'ledger entries')} ({-plan.xp:+,} XP)",
        xp=-plan.xp,
        learner_id=choice.learner_id,
        reason=reason,
        note=note,
        actor=actor,
        at=at,
    )


def refusal_of(plan: BulkPlan, learner_id: int) -> APIException | None:
    if not plan.lines and not plan.unlocks:
        return NotReversible("There is nothing to reverse.")
    if running := unfinished_reversal_of(learner_id):
        return NotReversible(f"Another bulk reversal of this learner is not finished: job {running.pk}.")
    return None


@register
class ReverseSinceKind(ApprovalKind):
    """Approved, it reverses what it named that is not reversed yet; what was written since the request is not named."""

    name, label, permission = NAME, "Reverse since", REVERSE_SINCE

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:
        choice = Choice(**request.payload)
        plan = plan_reversal_since(choice)
        if refusal := refusal_of(plan, choice.learner_id):
            raise refusal
        why = {"reason": request.reason, "note": request.note}
        job = _start(choice, plan, **why, actor=request.requested_by, at=at)
        return {"job_id": job.pk, "done": f"Job {job.pk} reverses {counted(len(plan.lines), 'entry', 'entries')}."}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:  # noqa: ARG002 (as in ApprovalKind)
        choice = Choice(**request.payload)
        plan = plan_reversal_since(choice)
        if refusal := refusal_of(plan, choice.learner_id):
            raise refusal
        return in_sentences(plan)


def in_sentences(plan: BulkPlan) -> list[str]:
    """What the reversal does, for staff."""
    before, after = plan.before, plan.after
    levels, kept = levels_of(plan), sum(line.delta for line in plan.kept)
    sentences = [
        f"To be reversed: {counted(len(plan.lines), 'ledger entry', 'ledger entries')} ({-plan.xp:+,} XP).",
        f"Now: {before.total_xp:,} XP, level {before.level.level} ({before.level.title}).",
        f"After: {after.total_xp:,} XP, level {after.level.level} ({after.level.title}).",
        *(f"The achievement “{one}” is taken back." for one in [*plan.achievements, *plan.unlocks]),
    ]
    if levels:
        names = ", ".join(f"“{level}”" for level in levels[:SHOWN]) + (", …" if len(levels) > SHOWN else "")
        number = counted(len(levels), "level")
        sentences.append(f"The XP of {number} falls away; the results stay, so they still count as played: {names}.")
    if plan.kept:
        number = counted(len(plan.kept), "entry", "entries")
        sentences.append(f"{number} ({kept:,} XP) cannot be reversed: the learner has less XP than that.")
    return sentences


SHOWN = 5


def _references(choice: Choice) -> set[tuple[str, str]]:
    """As ledger entries name what paid them: of results, and of events of metrics."""
    wanted = {"source": choice.source, "server_key": choice.server_key}
    meant = {"learner": choice.learner_id} | {name: value for name, value in wanted.items() if value}
    completions = Completion.objects.filter(**meant).only("pk", "paid_before")
    events = MetricEvent.objects.filter(**meant).values_list("pk", flat=True)
    return {
        *((COMPLETION_REFERENCE, completion.payment) for completion in completions.iterator()),
        *((METRIC_REFERENCE, str(pk)) for pk in events.iterator()),
    }


def _start(choice: Choice, plan: BulkPlan, *, reason: str, note: str, actor: Any, at: datetime) -> Job:
    text = note_with_reason(reason, note)
    return start_bulk_reversal(plan, learner_id=choice.learner_id, note=text, actor=actor, at=at)
