from collections.abc import Iterable
from typing import Any

from django.core import checks
from django.db import connections

from gamification.models import LearnerProfile, TimeZoneChange
from gamification.models.time_zones import find_zone


@checks.register(checks.Tags.database)
def check_time_zones(*, databases: Iterable[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Part of `check --database`, since only the rows say which time zones are in use."""
    return [
        checks.Warning(
            f"The time zone {name!r} is stored on database {alias!r}, but not in the time zone database here.",
            hint="Its learners get the dates of UTC. Install a complete time zone database (the package tzdata).",
            id="gamification.W001",
        )
        for alias in databases or []
        for name in sorted(_stored_zones(alias))
        if find_zone(name) is None
    ]


def _stored_zones(alias: str) -> set[str]:
    """None before the first migration."""
    if TimeZoneChange._meta.db_table not in connections[alias].introspection.table_names():
        return set()
    return {
        *LearnerProfile.objects.using(alias).order_by().values_list("time_zone", flat=True).distinct(),
        *TimeZoneChange.objects.using(alias).order_by().values_list("before", flat=True).distinct(),
    }
