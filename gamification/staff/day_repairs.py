"""Staff repair single days of one learner, as an amnesty does for all: the day is pardoned, and breaks no streak.

A freeze that was used for a missed day comes back (`return_freeze`), or a missed day counts as kept (`repair_day`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from gamification.awards.batch import AwardBatch, award_batch
from gamification.earnables.unlocking import Earned
from gamification.errors import NotRepairable, OwnDays
from gamification.models import DayKind, DayRepair, LedgerEntry, Trust
from gamification.streaks import pardons
from gamification.streaks.local_dates import local_date
from gamification.streaks.recording import catch_up
from gamification.streaks.refreshing import refresh_streak
from gamification.streaks.skipped_dates import SkippedDates

from .previews import try_out

OLDEST = timedelta(days=31)  # as long as the longest amnesty


@dataclass(frozen=True)
class StreakNumbers:
    current: int
    longest: int
    freezes: int


@dataclass(frozen=True)
class Repaired:
    """What a repair did; `entries` pay achievements that the longer streak has unlocked.

    `is_new` is False where it was done before: then nothing changed, and `before` equals `after`.
    """

    repair: DayRepair
    before: StreakNumbers
    after: StreakNumbers
    earned: Earned
    entries: list[LedgerEntry]
    is_new: bool = True


@dataclass(frozen=True)
class RepairPreview:
    """`refusal` says why the repair would be refused; `repaired` is then None."""

    repaired: Repaired | None
    refusal: str = ""


@transaction.atomic
def return_freeze(*, learner_id: int, date: date, actor: Any, reason: str, note: str, at: datetime) -> Repaired:
    """Give back the freeze that was used for `date`; a repeat changes nothing.

    The caller has checked the permission `repair_days`. Raise OwnDays, NotRepairable or LearnerErased.
    """
    repair = DayRepair(date=date, kind=DayRepair.Kind.FREEZE_RETURNED, reason=reason, note=note)
    return _pardon(repair, learner_id=learner_id, actor=actor, at=at, refusal_of=_refusal_to_return)


@transaction.atomic
def repair_day(*, learner_id: int, date: date, actor: Any, reason: str, note: str, at: datetime) -> Repaired:
    """Let the missed `date` count as kept; a repeat changes nothing. Otherwise as `return_freeze`."""
    repair = DayRepair(date=date, kind=DayRepair.Kind.REPAIRED, reason=reason, note=note)
    return _pardon(repair, learner_id=learner_id, actor=actor, at=at, refusal_of=_refusal_to_repair)


def preview_return_freeze(*, learner_id: int, date: date, actor: Any, at: datetime) -> RepairPreview:
    """What `return_freeze` would do with the same arguments."""
    return _preview(return_freeze, learner_id=learner_id, date=date, actor=actor, at=at)


def preview_repair_day(*, learner_id: int, date: date, actor: Any, at: datetime) -> RepairPreview:
    """What `repair_day` would do with the same arguments."""
    return _preview(repair_day, learner_id=learner_id, date=date, actor=actor, at=at)


def _preview(act: Callable[..., Repaired], **arguments: Any) -> RepairPreview:
    try:
        return RepairPreview(try_out(lambda: act(**arguments, reason="", note="")))
    except APIException as refusal:
        return RepairPreview(None, str(refusal.detail))


def _pardon(
    repair: DayRepair,
    *,
    learner_id: int,
    actor: Any,
    at: datetime,
    refusal_of: Callable[[AwardBatch, date], str],
) -> Repaired:
    if actor.pk == learner_id:
        raise OwnDays
    with award_batch(learner_id, at=at) as batch:
        catch_up(batch.days)  # an amnesty may have pardoned the date
        now = _numbers(batch)
        if earlier := DayRepair.objects.filter(learner_id=learner_id, date=repair.date, kind=repair.kind).first():
            return Repaired(earlier, now, now, Earned(), [], is_new=False)
        if refusal := _refusal_by_date(batch, repair.date) or refusal_of(batch, repair.date):
            raise NotRepairable(refusal)
        repair.learner_id, repair.actor, repair.created_at = learner_id, actor, at
        repair.save(force_insert=True)
        earned, entries = _apply(batch, repair.date)
    return Repaired(repair, now, _numbers(batch), earned, entries)


def _apply(batch: AwardBatch, day: date) -> tuple[Earned, list[LedgerEntry]]:
    before = batch.values()
    pardons.pardon(day, batch.days.kinds, batch.days)
    refresh_streak(batch.profile, batch.days.kinds)
    return batch.credit_with_unlocks([], before=before, earned_at=batch.at, trust=Trust.REPORTED)


def _numbers(batch: AwardBatch) -> StreakNumbers:
    profile = batch.profile
    current = profile.current_streak(local_date(profile, batch.at))
    return StreakNumbers(current, profile.longest_streak, profile.freezes_available)


def _refusal_by_date(batch: AwardBatch, day: date) -> str:
    today = local_date(batch.profile, batch.at)
    if day >= today:
        return _("The day is not over yet.")
    if today - day > OLDEST:
        return _("The day is more than %(days)s days ago.") % {"days": OLDEST.days}
    return ""


def _refusal_to_return(batch: AwardBatch, day: date) -> str:
    if batch.days.kinds.get(day) != DayKind.FROZEN:
        return _("No freeze was used for this day.")
    if batch.profile.freezes_available >= settings.STREAK_FREEZES_AT_MOST:
        return _("The learner has as many freezes as one can have.")
    return ""


def _refusal_to_repair(batch: AwardBatch, day: date) -> str:
    days = batch.days.kinds
    if day in days or day in SkippedDates(batch.profile):
        return _("The day was not missed.")
    if not any(kind == DayKind.ACTIVE and each < day for each, kind in days.items()):
        return _("The learner had no streak before this day.")
    return ""
