"""One learner with many ledger entries, the job that reverses them all, and what became of it."""

import json

from django.db.models import Count
from django.utils import timezone

from gamification.ledger.audit import find_mismatches
from gamification.models import LearnerProfile, LedgerEntry, XPRuleSet
from gamification.staff import start_bulk_reversal
from jobs.models import Job
from skillquest.accounts.models import User
from tracking.staff.reverse_since import Choice, plan_reversal_since

XP_OF_A_LINE = 10


def make(entries: int) -> None:
    at = timezone.now()
    learner, steward = (User.objects.create(username=name, is_staff=name == "steward") for name in ("many", "steward"))
    LearnerProfile.objects.create(pk=learner.pk, total_xp=entries * XP_OF_A_LINE, last_sequence=entries)
    rules = XPRuleSet.objects.published().get()
    LedgerEntry.objects.bulk_create(
        (_entry(learner, number, rules, at) for number in range(1, entries + 1)), batch_size=500
    )
    plan = plan_reversal_since(Choice(learner.pk, until=timezone.now().isoformat(), trust="reported"))
    start_bulk_reversal(plan, learner_id=learner.pk, note="Invented", actor=steward, at=at)


def _entry(learner, number, rules, at) -> LedgerEntry:
    return LedgerEntry(
        learner=learner,
        sequence=number,
        delta=XP_OF_A_LINE,
        reason="level_completion",
        reference_type="completion",
        reference_id=str(number),
        subject=f"level:{number % 100}",
        balance_after=number * XP_OF_A_LINE,
        rule_set=rules,
        effective_at=at,
        created_at=at,
    )


def report() -> None:
    job = Job.objects.get()
    reversals = LedgerEntry.objects.filter(reason="reversal")
    twice = reversals.order_by().values("reference_id").annotate(times=Count("pk")).filter(times__gt=1)
    figure = {
        "state": job.state,
        "done": job.done,
        "reversals": reversals.count(),
        "twice": twice.count(),
        "missing": LedgerEntry.objects.filter(reversal_of=None, reversed_by=None).count(),
        "total_xp": LearnerProfile.objects.get(pk=job.learner_id).total_xp,
        "mismatches": len(find_mismatches()),
    }
    print(json.dumps(figure))
