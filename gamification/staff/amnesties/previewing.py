"""What an amnesty would do, before it is granted: found learner by learner in memory, and written nowhere else."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max

from gamification.awards.batch import award_batches
from gamification.models import Amnesty, AmnestyPreview, AppliedAmnesty, LearnerProfile, PreviewedLearner
from hotsql.writes import insert_rows
from jobs.kinds import JobError, JobKind
from jobs.models import Job
from jobs.services import start_job
from jobs.wording import counted

from .applying import pardon_in_memory, unlock_in_memory, values_by_learner
from .spans import check_span

NAME = "preview_amnesty"
PORTION = 1_000  # keys of learners
NOTHING = {"concerned": 0, "learners": 0, "saved": 0, "longer": 0, "freezes": 0, "xp": 0, "earners": 0}


@transaction.atomic
def start_preview(*, starts_at: datetime, ends_at: datetime, reason: str, actor: Any, at: datetime) -> AmnestyPreview:
    """Look at the first learners at once; a job looks at the others. Raise ValidationError."""
    check_span(starts_at, ends_at)
    after, undone = state_of_amnesties()
    preview = AmnestyPreview.objects.create(
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        after=after,
        undone=undone,
        cursor={"after": 0, "dates": {}, **NOTHING},
        created_by=actor,
        created_at=at,
    )
    if not look_at_next(preview, at):
        last = LearnerProfile.objects.order_by("pk").values_list("pk", flat=True).last()
        preview.job = start_job(NAME, params={"preview": preview.pk}, total=last, created_by=actor, at=at)
        preview.save(update_fields=["job"])
    return preview


def state_of_amnesties() -> tuple[int, int]:
    """The newest number, and how many are undone: what a preview presupposes."""
    rows = Amnesty.objects.aggregate(newest=Max("number"), undone=Count("undone_at"))
    return rows["newest"] or 0, rows["undone"]


def look_at_next(preview: AmnestyPreview, at: datetime) -> bool:
    """Look at the learners with the next keys, and save the preview; True when none is left."""
    found = preview.cursor
    keys = LearnerProfile.objects.filter(pk__gt=found["after"]).order_by("pk").values_list("pk", flat=True)
    ids = list(keys[:PORTION])
    if ids:
        alive = LearnerProfile.objects.filter(pk__gte=ids[0], pk__lte=ids[-1], streak_expires_at__gt=preview.starts_at)
        _keep(preview, list(alive.filter(erased_at=None).with_rules().order_by("pk")), at)
        found["after"] = ids[-1]
    is_finished = len(ids) < PORTION
    if is_finished:
        preview.figures = {name: found[name] for name in ["dates", *NOTHING]}
    preview.save(update_fields=["cursor", "figures"])
    return is_finished


def _keep(preview: AmnestyPreview, profiles: list[LearnerProfile], at: datetime) -> None:
    rows = effects_on(profiles, preview, at) if profiles else []
    insert_rows(rows)
    found = preview.cursor
    found["concerned"] += len(profiles)
    for name, number in _sums(rows).items():
        found[name] += number
    found["dates"] = Counter(found["dates"]) + Counter(day for row in rows for day in row.days)


def _sums(rows: list[PreviewedLearner]) -> dict[str, int]:
    return {
        "learners": len(rows),
        "saved": sum(1 for row in rows if row.gain and not row.streak_before),
        "longer": sum(1 for row in rows if row.gain and row.streak_before),
        "freezes": sum(len(row.returned) for row in rows),
        "xp": sum(row.xp for row in rows),
        "earners": sum(1 for row in rows if row.has_earned),
    }


def effects_on(profiles: list[LearnerProfile], preview: AmnestyPreview, at: datetime) -> list[PreviewedLearner]:
    """Those of them whose days it would change, after the amnesties that they lack."""
    planned = Amnesty(number=preview.after + 1, starts_at=preview.starts_at, ends_at=preview.ends_at)
    oldest = min(profile.amnesties_applied for profile in profiles)
    earlier = list(Amnesty.objects.filter(number__gt=oldest).order_by("number"))
    before = values_by_learner(profiles, at)
    rows = []
    with award_batches(profiles, {}, at=at) as batches:
        for new in pardon_in_memory(profiles, [*earlier, planned], at):
            entries = unlock_in_memory(new, before, batches)
            if new.effects and new.effects[-1].amnesty is planned:
                xp = sum(entry.delta for entry in entries)
                rows.append(_row(preview, new.effects[-1], xp))
        batches.clear()  # so that nothing of it is written
    return rows


def _row(preview: AmnestyPreview, effect: AppliedAmnesty, xp: int) -> PreviewedLearner:
    return PreviewedLearner(
        preview=preview,
        learner_id=effect.learner_id,
        days=effect.days,
        returned=effect.returned,
        streak_before=effect.streak_before,
        streak_after=effect.streak_after,
        gain=max(0, effect.streak_after - effect.streak_before),
        has_earned=effect.has_earned,
        xp=xp,
    )


def run_portion(job: Job, at: datetime) -> bool:
    preview = AmnestyPreview.objects.filter(pk=job.params["preview"]).first()
    if preview is None:
        raise JobError("The preview has been deleted.")
    is_finished = look_at_next(preview, at)
    job.done = (job.total or 0) if is_finished else preview.cursor["after"]
    job.cursor = {name: preview.cursor[name] for name in ("concerned", "learners")}
    return is_finished


def outcome(job: Job) -> str:
    found = {"concerned": 0, "learners": 0} | job.cursor
    days = counted(found["learners"], "learner would get pardoned days", "learners would get pardoned days")
    return f"Of {counted(found['concerned'], 'learner')} whose streak was alive, {days}."


KIND = JobKind(
    NAME,
    run_portion,
    title=lambda _job: "Find out what an amnesty would do",
    outcome=outcome,
    permission="gamification.add_amnesty",
)
