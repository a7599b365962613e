"""The local dates of learners: which time zone was in force at a moment, and when a date begins and ends."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from gamification.models import LearnerProfile, TimeZoneChange
from gamification.models.time_zones import zone_named

from .runs import DAY

# The smallest difference between two moments that both databases store.
MOMENT = timedelta(microseconds=1)
FIRST_MOMENT, LAST_MOMENT = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class ZonePeriod(NamedTuple):
    """A span of time, its end excluded, in which a learner's dates are those of one time zone."""

    zone: str
    begins_at: datetime
    ends_at: datetime


def local_time(profile: LearnerProfile, moment: datetime) -> datetime:
    """Queries the database only for moments before the latest change of zone."""
    since = profile.time_zone_since
    changes = profile.zone_changes if since and moment < since else []
    zones = (change.before for change in changes if moment < change.effective_from)
    return moment.astimezone(zone_named(next(zones, profile.time_zone)))


def local_date(profile: LearnerProfile, moment: datetime) -> date:
    return local_time(profile, moment).date()


def record_local_time(profile: LearnerProfile, moment: datetime) -> datetime:
    """The local time of a completion or check-in that is being recorded.

    Remembers that this moment has its date now, so that a later change of zone cannot give it a second one. The caller
    has locked the profile and saves it.
    """
    profile.dated_until = max(moment, profile.dated_until or moment)
    return local_time(profile, moment)


def load_zone_changes(profiles: Iterable[LearnerProfile]) -> None:
    """Read the zone changes of many learners in one statement, so that their dates need no more."""
    changes = defaultdict(list)
    by_id = {profile.pk: profile for profile in profiles}
    for change in TimeZoneChange.objects.filter(learner_id__in=by_id).order_by("effective_from"):
        changes[change.learner_id].append(change)
    for learner_id, profile in by_id.items():
        profile.zone_changes = changes[learner_id]


def zone_periods(profile: LearnerProfile) -> list[ZonePeriod]:
    """From the first to the present one, without gaps."""
    changes = profile.zone_changes if profile.time_zone_since else []
    borders = [FIRST_MOMENT, *(change.effective_from for change in changes), LAST_MOMENT]
    zones = [*(change.before for change in changes), profile.time_zone]
    return [ZonePeriod(zone, *border) for zone, border in zip(zones, pairwise(borders), strict=True)]


def dates_within(profile: LearnerProfile, starts_at: datetime, ends_at: datetime) -> set[date]:
    """Every local date of the learner that the span [starts_at, ends_at) touches."""
    dates: set[date] = set()
    for zone, begins, ends in zone_periods(profile):
        begins, ends = max(begins, starts_at), min(ends, ends_at)
        if begins < ends:
            dates.update(_dates_between(zone, begins, ends))
    return dates


def _dates_between(zone: str, begins_at: datetime, ends_at: datetime) -> Iterator[date]:
    info = zone_named(zone)
    day, last = begins_at.astimezone(info).date(), (ends_at - MOMENT).astimezone(info).date()
    while day <= last:
        if begin_of(day, zone) < end_of(day, zone):
            yield day
        day += DAY


def begin_of(day: date, zone: str) -> datetime:
    """The moment (in UTC) at which the date begins in `zone`; where its midnight is skipped, the moment of the jump."""
    return end_of(day - DAY, zone)


@lru_cache(4096)
def end_of(day: date, zone: str) -> datetime:
    """The moment (in UTC) at which the date ends in `zone`, its end excluded."""
    return datetime.combine(day + DAY, time.min, zone_named(zone)).astimezone(UTC)
