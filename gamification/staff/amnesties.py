"""Staff grant an amnesty for a span in which the service was not available: missing its days breaks no streak.

An amnesty is one row, applied to each learner's days by `gamification.streaks.pardons`. Learners whose streak had not
run out when it began get it at once, in batches that can be stopped and continued; all others with their next activity.
"""

import math
import time
from collections import defaultdict
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from gamification.awards.batch import award_batches
from gamification.earnables.unlocking import values_of
from gamification.models import ActivityDay, Amnesty, LearnerProfile, Trust
from gamification.profiles.totals import save_totals
from gamification.rule_sets.publishing import published_rules
from gamification.streaks import pardons
from gamification.streaks.local_dates import load_zone_changes
from gamification.streaks.pending_days import PendingDays, write_days
from gamification.streaks.recording import refresh_streak
from hotsql.writes import insert_if_absent
from jobs.kinds import JobKind
from jobs.models import Job
from jobs.services import start_job
from jobs.wording import counted

NAME = "apply_amnesties"
LONGEST = timedelta(days=31)
BATCH = 200  # learners a transaction
PATIENCE = 10  # seconds that a request which grants one may spend on applying it
# Metrics that an amnesty can raise, which may unlock something.
STREAK_METRICS = ("current_streak", "longest_streak")


@transaction.atomic
def grant_amnesty(*, starts_at: datetime, ends_at: datetime, reason: str, actor, at: datetime) -> Amnesty:
    """Raise ValidationError for a span that is empty or longer than 31 days.

    It is applied to learners after the commit; those for whom there is no time then are left to a job.
    """
    check_span(starts_at, ends_at)
    amnesty = Amnesty(starts_at=starts_at, ends_at=ends_at, reason=reason, created_by=actor, created_at=at)
    amnesty.validate_constraints(exclude=["number"])
    amnesty.number = _next_number()
    # Another amnesty granted at the same moment may take the number first.
    while not insert_if_absent(amnesty, conflict="(number)"):
        amnesty.number = _next_number()
    transaction.on_commit(lambda: _apply_or_start_job(actor, at), robust=True)
    return amnesty


def _next_number() -> int:
    return (Amnesty.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def check_span(starts_at: datetime, ends_at: datetime) -> None:
    """Raise ValidationError for a span longer than 31 days."""
    if ends_at - starts_at > LONGEST:
        raise ValidationError("An amnesty spans at most 31 days; a longer one is most likely a mistake.")


def apply_amnesties(*, at: datetime, patience: float = math.inf) -> int:
    """Write the missing pardoned days of running streaks; return how many learners were dealt with.

    No batch begins after `patience` seconds; the next call continues.
    """
    began, done = time.monotonic(), 0
    amnesties = list(Amnesty.objects.order_by("number"))
    learner_ids = list(_concerned().order_by("pk").values_list("pk", flat=True))
    while done < len(learner_ids) and time.monotonic() - began < patience:
        batch = learner_ids[done : done + BATCH]
        _apply_to(batch, amnesties, at)
        done += len(batch)
    return done


def _apply_or_start_job(actor, at: datetime) -> None:
    apply_amnesties(at=at, patience=PATIENCE)
    if left := _concerned().count():
        start_job(NAME, params={}, total=left, created_by=actor, at=at)


def run_portion(job: Job, at: datetime) -> bool:
    """Apply all amnesties to the next learners who lack one."""
    learner_ids = list(_concerned().order_by("pk").values_list("pk", flat=True)[:BATCH])
    _apply_to(learner_ids, list(Amnesty.objects.order_by("number")), at)
    job.done += len(learner_ids)
    return len(learner_ids) < BATCH


KIND = JobKind(
    NAME,
    run_portion,
    title=lambda _job: "Write the pardoned days of amnesties",
    outcome=lambda job: f"{counted(job.done, 'learner has', 'learners have')} their pardoned days.",
    permission="gamification.add_amnesty",
)


def _concerned() -> QuerySet[LearnerProfile]:
    """Learners who still lack an amnesty that began before their streak ran out; nothing is written for erased ones."""
    amnesties = Amnesty.objects.filter(
        number__gt=OuterRef("amnesties_applied"), starts_at__lt=OuterRef("streak_expires_at")
    )
    return LearnerProfile.objects.filter(Exists(amnesties), erased_at=None)


@transaction.atomic
def _apply_to(learner_ids: list[int], amnesties: list[Amnesty], at: datetime) -> None:
    """Apply them with few statements for all learners. Profiles are locked in the order of their ids, as everywhere."""
    profiles, rules = LearnerProfile.objects.locked_with_rules().filter(pk__in=learner_ids), published_rules()
    before = {profile: values_of(profile, rules, at) for profile in profiles.order_by("pk")}
    days = _days_by_learner(learner_ids)
    load_zone_changes(before)
    written = []
    for profile in before:
        new = PendingDays(profile, at)
        missing = [amnesty for amnesty in amnesties if amnesty.number > profile.amnesties_applied]
        pardons.apply(profile, days[profile.pk], new, amnesties=missing)
        refresh_streak(profile, days[profile.pk])
        written.append(new)
    write_days(written)
    with award_batches(list(before), {}, at=at) as batches:
        for profile, values in before.items():
            now = values_of(profile, rules, at)
            if any(now[metric] > values[metric] for metric in STREAK_METRICS):
                batch = batches[profile.pk]
                batch.credit_with_unlocks([], before=values, earned_at=at, trust=Trust.REPORTED)
    save_totals(list(before), LearnerProfile.STREAK_TOTALS, at=at)


def _days_by_learner(learner_ids: list[int]) -> dict[int, dict[date, str]]:
    days = defaultdict(dict)
    rows = ActivityDay.objects.filter(learner_id__in=learner_ids)
    for learner_id, day, kind in rows.values_list("learner_id", "date", "kind"):
        days[learner_id][day] = kind
    return days
