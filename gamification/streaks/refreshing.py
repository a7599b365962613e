"""The totals of a learner's streak, from all day rows."""

from datetime import date

from gamification.models import LearnerProfile

from .local_dates import end_of
from .runs import Calendar, Days, streak_of
from .skipped_dates import SkippedDates


def refresh_streak(profile: LearnerProfile, days: Days) -> None:
    """Compute the profile's totals of the streak from all day rows."""
    streak = streak_of(Calendar(days, SkippedDates(profile)), profile.freezes_available)
    profile.streak_run, profile.longest_streak = streak.run, streak.longest
    profile.last_day, profile.last_active_day = streak.last_day, streak.last_active_day
    profile.has_later_days, profile.active_days = streak.has_later, streak.active_days
    set_alive_until(profile, streak.alive_until)


def set_alive_until(profile: LearnerProfile, day: date | None) -> None:
    profile.alive_until = day
    profile.streak_expires_at = end_of(day, profile.time_zone) if day else None
