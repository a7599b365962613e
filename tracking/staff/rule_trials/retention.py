"""Trials are deleted some time after they were made; those of a recalculation stay, since undoing it reads them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from approvals.models import ApprovalRequest
from jobs.models import Job
from tracking.models import RuleTrial

KEPT_FOR = timedelta(days=90)


def delete_old_trials(*, at: datetime) -> int:
    """Return how many were deleted, each in a transaction of its own, with what it found of learners."""
    return sum(_delete(trial_id, at) for trial_id in _old(at).values_list("pk", flat=True).order_by("pk"))


def _old(at: datetime) -> QuerySet[RuleTrial]:
    """Without those that a job or a second person still needs."""
    old = RuleTrial.objects.filter(created_at__lt=at - KEPT_FOR, recalculation=None)
    waiting = ApprovalRequest.objects.filter(kind="recalculation", status=ApprovalRequest.Status.WAITING)
    needed = [payload["trial"] for payload in waiting.values_list("payload", flat=True)]
    return old.exclude(job__state__in=Job.UNFINISHED).exclude(pk__in=needed)


@transaction.atomic
def _delete(trial_id: int, at: datetime) -> bool:
    """Not where a recalculation by it has begun meanwhile, or is about to: that one holds the row."""
    free = RuleTrial.objects.select_for_update(skip_locked=True, of=("self",))
    if trial_id not in free.filter(pk=trial_id).values_list("pk", flat=True):
        return False
    deleted, _ = _old(at).filter(pk=trial_id).delete()
    return bool(deleted)
