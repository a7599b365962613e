"""Starting a trial, and what it was of."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from catalogues.editing import fingerprint
from gamification.models import XPRuleSet
from jobs.models import Job
from jobs.services import start_job
from tracking.models import RuleTrial

PERIODS = [7, 30, 90, None]
Purpose = RuleTrial.Purpose
TRY, PLAN = "try_rules", "plan_recalculation"  # kinds of jobs
KINDS = {Purpose.DRAFT: TRY, Purpose.RECALCULATION: PLAN}


@transaction.atomic
def start_trial(rule_set: XPRuleSet, *, days: int | None, actor: Any, at: datetime) -> RuleTrial:
    """Try a draft against the rules in force; of those in force, what they change in what was paid by older ones.

    A trial of the same numbers that has not ended is returned instead. Raise ValidationError.
    """
    # Locked, so that of two clicks the second one finds the trial of the first.
    rule_set = XPRuleSet.objects.select_for_update(no_key=True).get(pk=rule_set.pk)
    rule_set.full_clean()
    in_force = XPRuleSet.objects.published().get()
    same = {
        "purpose": Purpose.RECALCULATION if rule_set == in_force else Purpose.DRAFT,
        "rule_set": rule_set,
        "version": rule_set.version,
        "fingerprint": fingerprint(rule_set),
        "in_force": in_force.version,
        "days": days,
    }
    unfinished = RuleTrial.objects.filter(**same, job__state__in=Job.UNFINISHED)
    if same["purpose"] == Purpose.RECALCULATION:
        unfinished = unfinished.filter(created_by=actor)  # without whom it is planned
    return unfinished.first() or _start(same, rule_set.rules, actor, at)


def _start(same: dict[str, Any], rules: dict[str, Any], actor: Any, at: datetime) -> RuleTrial:
    since = begin_of(same["days"], at)
    trial = RuleTrial.objects.create(**same, rules=rules, since=since, until=at, created_by=actor, created_at=at)
    trial.job = start_job(
        KINDS[trial.purpose],
        params={"trial": trial.pk, "version": trial.version, "days": trial.days},
        created_by=actor,
        at=at,
    )
    trial.save(update_fields=["job"])
    return trial


def begin_of(days: int | None, at: datetime) -> datetime | None:
    """The beginning of the UTC date so many days before today; None for all results."""
    if days is None:
        return None
    return datetime.combine(at.astimezone(UTC).date() - timedelta(days=days), time.min, UTC)


def trials_of(rule_set: XPRuleSet) -> QuerySet[RuleTrial]:
    return RuleTrial.objects.filter(rule_set=rule_set).select_related("job", "created_by")


def why_outdated(trial: RuleTrial) -> str:
    """Why it says nothing any more about what would be published or recalculated now; empty if it does."""
    if trial.rule_set is None:
        return "The draft has been deleted."
    if trial.in_force != XPRuleSet.objects.published().get().version:
        return "Other rules are in force than when it was tried."
    if fingerprint(trial.rule_set) != trial.fingerprint:
        return "It is a trial of an older draft: the draft has been changed since."
    return ""
