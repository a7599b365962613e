"""Local dates that a learner's clock skipped: no activity is possible on them, so they break no streak.

Whoever flies east over the date line loses a date, and so does a country that moves to the other side of it: Samoa had
no 30 December 2011. A learner changes their time zone only when they open the app, so the clock may have shown the
first hours of such a date. It counts as skipped if the clock had shown less than half a day of it when it was over.

Later changes of zone never make a skipped date count again, so nothing that is learned later shortens a streak.
"""

from collections.abc import Container, Iterable
from datetime import date, timedelta

from gamification.models import LearnerProfile

from .local_dates import ZonePeriod, begin_of, end_of, zone_periods

HALF_A_DAY = timedelta(hours=12)


class SkippedDates(Container[date]):
    """Those of one learner. Queries the database only for dates that begin before the latest change of zone."""

    def __init__(self, profile: LearnerProfile) -> None:
        self.profile = profile

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        since, zone = self.profile.time_zone_since, self.profile.time_zone
        if since is None or since <= begin_of(day, zone):
            return end_of(day, zone) - begin_of(day, zone) < HALF_A_DAY
        return is_skipped(day, zone_periods(self.profile))


def is_skipped(day: date, periods: Iterable[ZonePeriod]) -> bool:
    """`periods` are all of the learner's, in order."""
    shown = timedelta()
    for zone, begins_at, ends_at in periods:
        first, last = max(begins_at, begin_of(day, zone)), min(ends_at, end_of(day, zone))
        shown += max(last - first, timedelta())
        if end_of(day, zone) <= ends_at:  # the clock skips the date here
            break
    return shown < HALF_A_DAY
