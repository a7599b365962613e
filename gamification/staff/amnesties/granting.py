"""Granting an amnesty, which has been previewed in the admin: exactly as it was shown, or with what differs."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework import status
from rest_framework.exceptions import APIException

from gamification.models import Amnesty, AmnestyPreview, AppliedAmnesty, PreviewedLearner
from hotsql.writes import insert_if_absent
from jobs.kinds import JobKind
from jobs.models import Job
from jobs.services import start_job
from jobs.wording import counted

from . import applying
from .applying import apply_amnesties, apply_to, concerned, next_concerned
from .previewing import state_of_amnesties
from .spans import check_span
from .states import APPLY, refusal_while_undoing

PATIENCE = 2  # seconds that a request which grants one may spend on applying it


class AmnestyChanged(APIException):
    """What would be done now is not what was previewed."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "amnesty_changed"


@transaction.atomic
def grant_amnesty(*, starts_at: datetime, ends_at: datetime, reason: str, actor: Any, at: datetime) -> Amnesty:
    """Raise ValidationError for a span that is empty or longer than 31 days.

    It is applied to learners after the commit; those for whom there is no time then are left to a job.
    """
    amnesty = _insert(starts_at=starts_at, ends_at=ends_at, reason=reason, actor=actor, at=at)
    transaction.on_commit(lambda: _apply_or_start_job(actor, at), robust=True)
    return amnesty


@transaction.atomic
def confirm_preview(preview_id: int, *, actor: Any, at: datetime) -> tuple[Amnesty, bool]:
    """Grant what a preview has shown, and say whether this call did; a second one finds what the first one granted.

    If it concerns few learners, they get it in this transaction, each as it was shown. Otherwise a job applies it and
    counts those for whom it came to something else. Raise AmnestyChanged.
    """
    # Without a join: who waited for the lock would read the joined row as it was before.
    preview = AmnestyPreview.objects.select_for_update(no_key=True).get(pk=preview_id)
    if preview.amnesty:
        return preview.amnesty, False
    if outdated := outdated_preview(preview):
        raise AmnestyChanged(outdated)
    words = {"starts_at": preview.starts_at, "ends_at": preview.ends_at, "reason": preview.reason}
    preview.amnesty = _insert(**words, actor=actor, at=at)
    preview.save(update_fields=["amnesty"])
    if preview.figures["concerned"] <= applying.BATCH:
        _apply_as_shown(preview, at)
    else:
        _start_job(actor, at, total=preview.figures["concerned"], preview=preview.pk)
    return preview.amnesty, True


def outdated_preview(preview: AmnestyPreview) -> str:
    """Why it cannot be granted as it was shown; empty if it can, as far as that is known without looking again."""
    if not preview.is_finished:
        return _("The preview is not finished yet.")
    if state_of_amnesties() != (preview.after, preview.undone):
        return _("Another amnesty was granted or undone since the preview.")
    return refusal_while_undoing()


def _apply_as_shown(preview: AmnestyPreview, at: datetime) -> None:
    apply_to(next_concerned(0), at)
    if concerned().exists():
        raise AmnestyChanged(_("More learners are concerned than at the preview."))
    if number := _count_differing(preview, after=0, upto=None):
        raise AmnestyChanged(
            ngettext(
                "For %(number)s learner it would come to something else than the preview has shown.",
                "For %(number)s learners it would come to something else than the preview has shown.",
                number,
            )
            % {"number": number}
        )


def _count_differing(preview: AmnestyPreview, *, after: int, upto: int | None) -> int:
    """The learners of these keys for whom it did something else than what was shown."""
    keys = {"learner__gt": after} if upto is None else {"learner__gt": after, "learner__lte": upto}
    shown = PreviewedLearner.objects.filter(preview=preview, **keys)
    done = AppliedAmnesty.objects.filter(amnesty=preview.amnesty_id, **keys)
    promised, came = ({row.learner_id: row.outcome for row in rows} for rows in (shown, done))
    return sum(1 for learner in promised.keys() | came.keys() if promised.get(learner) != came.get(learner))


def _insert(*, starts_at: datetime, ends_at: datetime, reason: str, actor: Any, at: datetime) -> Amnesty:
    check_span(starts_at, ends_at)
    amnesty = Amnesty(starts_at=starts_at, ends_at=ends_at, reason=reason, created_by=actor, created_at=at)
    amnesty.validate_constraints(exclude=["number"])
    amnesty.number = _next_number()
    # Another amnesty granted at the same moment may take the number first.
    while not insert_if_absent(amnesty, conflict="(number)"):
        amnesty.number = _next_number()
    return amnesty


def _next_number() -> int:
    return (Amnesty.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def _apply_or_start_job(actor: Any, at: datetime) -> None:
    apply_amnesties(at=at, patience=PATIENCE)
    if left := concerned().count():
        _start_job(actor, at, total=left)


def _start_job(actor: Any, at: datetime, *, total: int, **params: Any) -> None:
    start_job(APPLY, params=params, total=total, created_by=actor, at=at)


def run_portion(job: Job, at: datetime) -> bool:
    """Apply all amnesties to the next learners who lack one, and compare with the preview."""
    after = job.cursor.get("after", 0)
    learner_ids = next_concerned(after)
    apply_to(learner_ids, at)
    is_last = len(learner_ids) < applying.BATCH
    job.cursor["after"] = learner_ids[-1] if learner_ids else after
    if preview := AmnestyPreview.objects.filter(pk=job.params.get("preview")).first():
        differing = _count_differing(preview, after=after, upto=None if is_last else learner_ids[-1])
        job.cursor["differing"] = job.cursor.get("differing", 0) + differing
    job.done += len(learner_ids)
    return is_last


def outcome(job: Job) -> str:
    done = f"{counted(job.done, 'learner has', 'learners have')} their pardoned days."
    if differing := job.cursor.get("differing"):
        done += f" For {counted(differing, 'learner')} it came to something else than the preview had shown."
    return done


KIND = JobKind(
    APPLY,
    run_portion,
    title=lambda _job: "Write the pardoned days of amnesties",
    outcome=outcome,
    permission="gamification.add_amnesty",
)
