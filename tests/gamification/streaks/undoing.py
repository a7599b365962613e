"""Undoing amnesties in tests, and everything that is written about a learner."""

from django.core.management import call_command

from gamification.models import ActivityDay, Amnesty, FreezeEvent, LearnerProfile, LedgerEntry, Unlock
from gamification.staff.amnesties import undo_amnesty
from jobs.models import Job
from tests.factories import StaffFactory

TOTALS = {*LearnerProfile.RUNNING_TOTALS} - {"amnesties_applied"}


def undo(amnesty, time_machine, *, at):
    """Undo it by the job; return whether that was done."""
    time_machine.move_to(at, tick=False)
    undo_amnesty(amnesty.pk, note="A mistake", actor=StaffFactory(), at=at)
    call_command("run_jobs", once=True)
    return Amnesty.objects.get(pk=amnesty.pk).undone_at == at


def outcome_of_job():
    job = Job.objects.order_by("pk").last()
    return job.state, job.cursor.get("used", 0)


def books_of(learner):
    """Without primary keys, and without the number of the amnesty that was applied last."""
    return {
        "days": rows(ActivityDay, learner, "date", "kind", "completed", "recorded_at"),
        "freezes": rows(FreezeEvent, learner, "kind", "delta", "date", "created_at"),
        "ledger": rows(LedgerEntry, learner, "reason", "delta", "effective_at", "created_at"),
        "unlocks": rows(Unlock, learner, "achievement", "earned_at"),
        "totals": LearnerProfile.objects.filter(pk=learner.pk).values(*sorted(TOTALS)).get(),
    }


def rows(model, learner, *fields):
    order = ["date"] if model is ActivityDay else ["pk"]
    return list(model.objects.filter(learner=learner).order_by(*order).values_list(*fields))
