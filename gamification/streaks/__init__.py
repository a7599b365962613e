"""Streaks: runs of active days, local dates and time zones, and what a learner is shown of them."""

from .calendars import CalendarDay, calendar_of
from .changing_zones import change_time_zone
from .local_dates import load_zone_changes, local_date, local_time
from .refreshing import refresh_streak
from .status import DayStatus, StreakStatus, streak_status

__all__ = [
    "CalendarDay",
    "DayStatus",
    "StreakStatus",
    "calendar_of",
    "change_time_zone",
    "load_zone_changes",
    "local_date",
    "local_time",
    "refresh_streak",
    "streak_status",
]
