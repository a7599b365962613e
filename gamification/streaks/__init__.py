"""Streaks: runs of active days, local dates and time zones, and what a learner is shown of them."""

from .changing_zones import change_time_zone
from .local_dates import load_zone_changes, local_date, local_time
from .recording import refresh_streak
from .status import DayStatus, StreakStatus, streak_status

__all__ = [
    "DayStatus",
    "StreakStatus",
    "change_time_zone",
    "load_zone_changes",
    "local_date",
    "local_time",
    "refresh_streak",
    "streak_status",
]
