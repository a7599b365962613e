"""The one place that writes a learner's running totals, so that leaderboards and other observers miss none."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from gamification.models import LearnerProfile
from hotsql.writes import update_rows


def save_totals(profiles: list[LearnerProfile], fields: Iterable[str], *, at: datetime) -> None:
    """Save `fields` of profiles that the caller has locked, and notify settings.TOTALS_OBSERVERS.

    An observer is called with the profiles and `at` before the commit; it defers whatever leaves the database.
    """
    for profile in profiles:
        profile.revision += 1
    update_rows(profiles, [*fields, "revision"])
    for observer in settings.TOTALS_OBSERVERS:
        import_string(observer)(profiles, at)
