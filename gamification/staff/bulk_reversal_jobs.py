"""Bulk reversals as jobs: the plan's entries are fixed when the job starts, and reversed portion by portion."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gamification.awards.bulk_reversals import reverse_many
from gamification.earnables import unlocking
from gamification.profiles.locking import lock_profile
from gamification.profiles.totals import save_totals
from jobs.kinds import JobKind
from jobs.models import Job
from jobs.services import start_job
from jobs.wording import counted

from .bulk_reversals import BulkPlan

NAME = "reverse_entries"
REVERSE_SINCE = "gamification.reverse_since"  # the permission
PORTION = 200  # entries


def start_bulk_reversal(plan: BulkPlan, *, learner_id: int, note: str, actor: Any, at: datetime) -> Job:
    return start_job(
        NAME,
        params={
            "entries": _runs(line.sequence for line in plan.lines),
            "unlocks": [achievement.achievement_id for achievement in plan.unlocks],
        },
        total=len(plan.lines),
        learner_id=learner_id,
        note=note,
        created_by=actor,
        at=at,
    )


def unfinished_reversal_of(learner_id: int) -> Job | None:
    return Job.objects.unfinished().filter(kind=NAME, learner=learner_id).first()


def run_portion(job: Job, at: datetime) -> bool:
    """Raise LearnerErased."""
    part = _sequences(job.params["entries"])[job.done : job.done + PORTION]
    reversed_now = reverse_many(job.learner_id, part, actor_id=job.created_by_id, note=job.note, at=at)
    _add(job, "xp", sum(entry.delta for entry in reversed_now.entries))
    _add(job, "reversed", len(reversed_now.entries))
    _add(job, "gone", reversed_now.gone)
    _add(job, "kept", reversed_now.kept)
    job.done += len(part)
    if job.done < job.total:
        return False
    _revoke_unlocks(job, at)
    return True


def title(job: Job) -> str:
    return f"Reverse {counted(job.total, 'ledger entry', 'ledger entries')} of {job.learner}"


def outcome(job: Job) -> str:
    done = {"reversed": 0, "xp": 0, "gone": 0, "kept": 0} | job.cursor
    parts = [f"{counted(done['reversed'], 'entry', 'entries')} reversed: {done['xp']:+,} XP"]
    if done["gone"]:
        parts.append(f"{done['gone']} reversed by others before")
    if done["kept"]:
        parts.append(f"{done['kept']} not reversed, since the learner had less XP than that")
    return f"{'; '.join(parts)}."


def _add(job: Job, name: str, number: int) -> None:
    job.cursor[name] = job.cursor.get(name, 0) + number


def _revoke_unlocks(job: Job, at: datetime) -> None:
    """Achievements that paid nothing; the others go with the entries that paid them."""
    profile = lock_profile(job.learner_id)
    for achievement_id in job.params["unlocks"]:
        unlocking.revoke(profile, achievement_id, at=at)
    save_totals([profile], ["achievements_unlocked"], at=at)


def _runs(sequences: Iterable[int]) -> list[list[int]]:
    """[9, 8, 7, 4] as [[9, 7], [4, 4]]: the entries since a moment are a few runs, however many they are."""
    runs: list[list[int]] = []
    for sequence in sequences:
        if runs and runs[-1][1] == sequence + 1:
            runs[-1][1] = sequence
        else:
            runs.append([sequence, sequence])
    return runs


def _sequences(runs: list[list[int]]) -> list[int]:
    return [sequence for first, last in runs for sequence in range(first, last - 1, -1)]


KIND = JobKind(NAME, run_portion, title, outcome, permission=REVERSE_SINCE)
