"""Local dates: which zone was in force at a moment, and changing it without rewriting the past."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from gamification.errors import TimeZoneChangeTooSoon
from gamification.models import LearnerProfile, TimeZoneChange
from gamification.profiles.totals import save_totals

# The finest step that both databases keep.
MOMENT = timedelta(microseconds=1)


def local_time(profile: LearnerProfile, moment: datetime) -> datetime:
    """Asks the database only for moments before the latest change of zone."""
    since = profile.time_zone_since
    changes = profile.zone_changes if since and moment < since else []
    return local_time_by(profile, changes, moment)


def local_date(profile: LearnerProfile, moment: datetime) -> date:
    return local_time(profile, moment).date()


def record_local_time(profile: LearnerProfile, moment: datetime) -> datetime:
    """The local time of a deed that is being recorded.

    Remembers that this moment has its date now, so that a later change of zone cannot give it a second one. The caller
    has locked the profile and saves it.
    """
    profile.dated_until = max(moment, profile.dated_until or moment)
    return local_time(profile, moment)


def local_time_by(profile: LearnerProfile, changes: list[TimeZoneChange], moment: datetime) -> datetime:
    """Without asking the database: `changes` are all of the learner's, oldest first."""
    zones = (change.before for change in changes if moment < change.effective_from)
    return moment.astimezone(ZoneInfo(next(zones, profile.time_zone)))


def changes_of(learner_ids: Iterable[int]) -> dict[int, list[TimeZoneChange]]:
    changes = defaultdict(list)
    for change in TimeZoneChange.objects.filter(learner_id__in=learner_ids).order_by("effective_from"):
        changes[change.learner_id].append(change)
    return changes


def dates_within(
    profile: LearnerProfile, changes: list[TimeZoneChange], starts_at: datetime, ends_at: datetime
) -> set[date]:
    """Every local date of the learner that the span [starts_at, ends_at) touches."""
    turns = [change.effective_from for change in changes if starts_at < change.effective_from < ends_at]
    borders = [starts_at, *turns, ends_at]
    dates = set()
    for begin, end in pairwise(borders):
        first = local_time_by(profile, changes, begin).date()
        last = local_time_by(profile, changes, end - MOMENT).date()
        dates.update(first + timedelta(days=n) for n in range((last - first).days + 1))
    return dates


def end_of(day: date, zone: str) -> datetime:
    """The moment at which the date `day` ends in `zone`; where its midnight is skipped, the moment of the jump."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))


@transaction.atomic
def change_time_zone(learner_id: int, time_zone: str, *, at: datetime) -> None:
    """Local dates from now on are those of `time_zone`. Raise TimeZoneChangeTooSoon within 24 h of the last change.

    A client's clock may be ahead: moments that were dated already keep their date, the change comes after them.
    """
    profile = LearnerProfile.objects.locked_with_rules().get(pk=learner_id)
    if profile.time_zone == time_zone:
        return
    since = profile.time_zone_since
    if since and at < since + settings.TIME_ZONE_CHANGE_INTERVAL:
        raise TimeZoneChangeTooSoon
    effective_from = max(at, profile.dated_until + MOMENT) if profile.dated_until else at
    TimeZoneChange.objects.create(
        learner_id=learner_id, before=profile.time_zone, time_zone=time_zone, effective_from=effective_from
    )
    profile.time_zone, profile.time_zone_since = time_zone, effective_from
    if profile.alive_until:
        profile.streak_expires_at = end_of(profile.alive_until, time_zone)
    save_totals([profile], ["time_zone", "time_zone_since", "streak_expires_at"], at=at)
