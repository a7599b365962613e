"""Recalculating and undoing it, as jobs: a portion locks the profiles of its learners, so nothing comes in between."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gamification.awards import append_entries, lock_profiles, reversal_of, save_totals, within_balance
from gamification.models import LearnerProfile, LedgerEntry
from hotsql.writes import insert_rows
from jobs.kinds import JobError, JobKind
from jobs.models import Job
from jobs.wording import counted
from tracking.models import Recalculation, TriedLearner
from tracking.staff.rule_trials.items import compare
from tracking.staff.rule_trials.pricing import has_cap, next_learners, sides_of
from tracking.staff.rule_trials.reading import RECALCULATION, Period, read_histories

from .entries import entries_for

RECALCULATE, UNDO = "recalculate", "undo_recalculation"


def recalculate_portion(job: Job, at: datetime) -> bool:
    """Raise JobError where other rules came into force, or the recalculation is being undone."""
    recalculation = _recalculation_of(job)
    if recalculation.undo_job_id:
        raise JobError("It has been undone.")
    profiles = _lock_next(recalculation, job)
    if profiles is None:
        return True
    _refuse_other_rules(recalculation, profiles)
    _write(job, profiles, _new_entries(recalculation, profiles, at), at)
    return False


def undo_portion(job: Job, at: datetime) -> bool:
    recalculation = _recalculation_of(job)
    profiles = _lock_next(recalculation, job)
    if profiles is None:
        return True
    _write(job, profiles, _opposite_entries(recalculation, job, profiles, at), at)
    return False


def _recalculation_of(job: Job) -> Recalculation:
    return Recalculation.objects.select_related("trial").get(pk=job.params["recalculation"])


def _lock_next(recalculation: Recalculation, job: Job) -> list[LearnerProfile] | None:
    """The profiles of the next learners whom the trial has found to change; None where none is left."""
    found = TriedLearner.objects.filter(trial=recalculation.trial_id, changed__gt=0)
    rows = next_learners(found, after=job.cursor.get("after", 0))
    if not rows:
        return None
    job.cursor["after"] = rows[-1].learner_id
    job.done += len(rows)
    left_out = set(recalculation.left_out)
    return lock_profiles([row.learner_id for row in rows if row.learner_id not in left_out])


def _refuse_other_rules(recalculation: Recalculation, profiles: Sequence[LearnerProfile]) -> None:
    """The version is read with the lock, so publishing waits or is seen."""
    version = recalculation.trial.version
    if any(profile.rule_version != version for profile in profiles):
        raise JobError(f"Version {version} is not in force any more, so it goes no further.")


def _new_entries(recalculation: Recalculation, profiles: Sequence[LearnerProfile], at: datetime) -> list[LedgerEntry]:
    """Everything until now is priced: what was played since the trial may have been paid less by what is added."""
    trial = recalculation.trial
    sides, ids = sides_of(trial), [profile.pk for profile in profiles]
    histories = read_histories(ids, Period(trial.since), has_cap=has_cap(trial))
    entries = []
    for profile in profiles:
        items = compare(histories[profile.pk], sides)
        entries += append_entries(profile, entries_for(recalculation, profile.pk, items, profile.total_xp), at)
    return entries


def _opposite_entries(
    recalculation: Recalculation, job: Job, profiles: Sequence[LearnerProfile], at: datetime
) -> list[LedgerEntry]:
    """What gives XP back first. Those stay that would take a balance below zero."""
    lines = _standing(recalculation, profiles)
    entries: list[LedgerEntry] = []
    for profile in profiles:
        own = lines.get(profile.pk, [])
        possible = within_balance(own, profile.total_xp)
        _add(job, "kept", len(own) - len(possible))
        new = [replace(reversal_of(line, actor_id=None, note=""), metadata={"job": job.pk}) for line in possible]
        entries += append_entries(profile, new, at)
    return entries


def _standing(recalculation: Recalculation, profiles: Sequence[LearnerProfile]) -> dict[int, list[LedgerEntry]]:
    """By learner: what it has written, and nobody has reversed."""
    written = LedgerEntry.objects.filter(
        learner__in=[profile.pk for profile in profiles],
        reference_type=RECALCULATION,
        reference_id__startswith=f"{recalculation.pk}/",
        reversal_of=None,
        reversed_by=None,
    )
    lines: dict[int, list[LedgerEntry]] = {}
    for line in written.order_by("learner", "delta", "sequence"):
        lines.setdefault(line.learner_id, []).append(line)
    return lines


def _write(job: Job, profiles: list[LearnerProfile], entries: list[LedgerEntry], at: datetime) -> None:
    insert_rows(entries)
    moved = {entry.learner_id for entry in entries}
    changed = [profile for profile in profiles if profile.pk in moved]
    save_totals(changed, LearnerProfile.TOTALS_OF_LEDGER, at=at)
    _add(job, "learners", len(changed))
    _add(job, "entries", len(entries))
    _add(job, "added", sum(entry.delta for entry in entries if entry.delta > 0))
    _add(job, "taken", -sum(entry.delta for entry in entries if entry.delta < 0))


def _add(job: Job, name: str, number: int) -> None:
    job.cursor[name] = job.cursor.get(name, 0) + number


def title(job: Job) -> str:
    act = "Undo recalculation" if job.kind == UNDO else "Recalculation"
    return f"{act} {job.params['recalculation']} by version {job.params['version']}"


def outcome(job: Job) -> str:
    done = {"learners": 0, "entries": 0, "added": 0, "taken": 0, "kept": 0} | job.cursor
    entries, learners = counted(done["entries"], "entry", "entries"), counted(done["learners"], "learner")
    kept = f" {counted(done['kept'], 'entry', 'entries')} stay: their learners have less XP." if done["kept"] else ""
    return f"{entries} for {learners}: {done['added']:,} XP added, {done['taken']:,} XP taken.{kept}"


KINDS = [
    JobKind(RECALCULATE, recalculate_portion, title, outcome, permission="gamification.award_xp"),
    JobKind(UNDO, undo_portion, title, outcome, permission="gamification.award_xp"),
]
