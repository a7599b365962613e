"""Changing a learner's time zone: it determines local dates from now on; earlier dates do not change."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from gamification.errors import TimeZoneChangeTooSoon
from gamification.models import LearnerProfile, TimeZoneChange
from gamification.profiles.totals import save_totals

from .local_dates import MOMENT
from .pending_days import PendingDays
from .refreshing import refresh_streak


@transaction.atomic
def change_time_zone(learner_id: int, time_zone: str, *, at: datetime) -> None:
    """Local dates from now on are those of `time_zone`. Raise TimeZoneChangeTooSoon within 24 h of the last change.

    A client's clock may be ahead: moments that have a date already keep it, the change comes into force after them.
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
    # The change may have skipped a date, and then the streak stays alive for longer.
    refresh_streak(profile, PendingDays(profile, at).kinds)
    save_totals([profile], ["time_zone", "time_zone_since", *LearnerProfile.STREAK_TOTALS], at=at)
