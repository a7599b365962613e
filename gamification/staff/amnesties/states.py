"""What stands in the way of granting an amnesty, or of undoing one."""

from django.utils.translation import gettext as _

from gamification.models import Amnesty
from jobs.models import Job

APPLY, UNDO = "apply_amnesties", "undo_amnesty"  # kinds of jobs


def refusal_while_undoing() -> str:
    """Why no amnesty can be granted now; empty if one can."""
    if running := Job.objects.unfinished().filter(kind=UNDO).first():
        return _("An amnesty is being undone: job %(number)s.") % {"number": running.pk}
    return ""


def refusal_to_undo(amnesty: Amnesty) -> str:
    """Why it cannot be undone, whatever learners did; empty if nothing but that stands in the way."""
    if not amnesty.keeps_effects:
        return _("It was granted before the changes that amnesties make were kept.")
    if amnesty.undone_at:
        return _("It has been undone.")
    if Amnesty.objects.standing().filter(number__gt=amnesty.number).exists():
        return _("A later amnesty was granted. Undo that one first.")
    if running := Job.objects.unfinished().filter(kind=APPLY).first():
        return _("It is still being applied: job %(number)s.") % {"number": running.pk}
    return refusal_while_undoing()
