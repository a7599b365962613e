"""Recording activity: which day rows it writes, which freezes it uses, earns or returns.

Every function takes the rows of a profile that the caller has locked (`locked_with_rules`) and changes both in memory;
the caller writes them once.
"""

from dataclasses import dataclass
from datetime import date

from gamification.errors import NoFreezesLeft, NoStreak
from gamification.models import DayKind, LearnerProfile

from . import pardons
from .pending_days import PendingDays
from .refreshing import refresh_streak, set_alive_until
from .runs import Action, Calendar, alive_until, run_ending_on
from .skipped_dates import SkippedDates


@dataclass(frozen=True)
class Recorded:
    """With `is_first_completion` of the recorded date, `run` is the run that ends on it; nobody asks otherwise."""

    action: Action
    run: int
    is_first_completion: bool


def record_activity(rows: PendingDays, day: date, *, completed: bool) -> Recorded:
    """The learner was active on the local date `day`; `completed` unless it was only a check-in.

    The usual case, a day on or right after the last one, reads nothing from the database: the profile says enough.
    """
    catch_up(rows)
    profile = rows.profile
    if day == profile.last_active_day:
        return _again(rows, day, completed)
    if profile.last_day and day > profile.last_day and not profile.has_later_days:
        return _next_day(rows, day, completed)
    return _late_or_rare(rows, day, completed)


def freeze_today(rows: PendingDays, today: date) -> None:
    """Protect today in advance, together with the days that were missed before it.

    Nothing changes if today needs no protection. Raise NoStreak or NoFreezesLeft.
    """
    catch_up(rows)
    profile, calendar = rows.profile, _calendar(rows)
    if not calendar.is_missed(today):
        return
    if profile.last_day is None or not profile.current_streak(today):
        raise NoStreak
    protected = [today, *calendar.missed_between(profile.last_day, today)]
    if len(protected) > profile.freezes_available:
        raise NoFreezesLeft
    rows.freeze(protected)
    refresh_streak(profile, rows.kinds)


def catch_up(rows: PendingDays) -> None:
    """Apply the amnesties that are not part of this learner's days yet."""
    if rows.profile.amnesties_applied < rows.profile.newest_amnesty:
        pardons.apply(rows, amnesties=pardons.pending_of(rows.profile))


def _again(rows: PendingDays, day: date, completed: bool) -> Recorded:
    first = completed and rows.profile.last_completed_day != day
    if first:
        _mark_completed(rows, day)
    return Recorded(Action.MAINTAINED, rows.profile.streak_run, first)


def _next_day(rows: PendingDays, day: date, completed: bool) -> Recorded:
    """A day later than every stored row."""
    profile = rows.profile
    calendar = Calendar({}, SkippedDates(profile))
    action = _join(rows, calendar, day)
    rows.activate(day, completed)
    run = 1 if action == Action.BROKEN else profile.streak_run + 1
    rows.grant_freeze_if_due(day, run)
    profile.streak_run, profile.longest_streak = run, max(run, profile.longest_streak)
    profile.active_days += 1
    profile.last_day = profile.last_active_day = day
    set_alive_until(profile, alive_until(calendar, day, profile.freezes_available))
    return _recorded(profile, action, run, day, completed)


def _late_or_rare(rows: PendingDays, day: date, completed: bool) -> Recorded:
    """The first day ever, an earlier day, one that was frozen or pardoned, or one after days behind a gap."""
    profile, days, calendar = rows.profile, rows.kinds, _calendar(rows)
    if days.get(day) == DayKind.ACTIVE:
        first = completed and not rows.is_completed(day)
        if first:
            _mark_completed(rows, day)
        return Recorded(Action.MAINTAINED, run_ending_on(calendar, day) if first else 0, first)
    before = profile.streak_run
    if days.get(day) == DayKind.FROZEN:
        rows.return_freeze(day)
    is_late = profile.last_day is not None and day <= profile.last_day
    action = None if is_late else _join(rows, calendar, day)
    rows.activate(day, completed)
    run = run_ending_on(calendar, day)
    rows.grant_freeze_if_due(day, run)
    refresh_streak(profile, days)
    if action is None:
        action = Action.INCREASED if profile.streak_run > before else Action.MAINTAINED
    return _recorded(profile, action, run, day, completed)


def _join(rows: PendingDays, calendar: Calendar, day: date) -> Action:
    """For a day after all runs so far: use freezes for the missed days before it, if there are enough."""
    profile = rows.profile
    if profile.last_day is None or profile.alive_until is None:
        return Action.STARTED
    if day > profile.alive_until:
        return Action.BROKEN
    missed = calendar.missed_between(profile.last_day, day)
    rows.freeze(missed)
    return Action.FROZEN if missed else Action.INCREASED


def _recorded(profile: LearnerProfile, action: Action, run: int, day: date, completed: bool) -> Recorded:
    if completed:
        _remember_completed(profile, day)
    return Recorded(action, run, completed)


def _mark_completed(rows: PendingDays, day: date) -> None:
    rows.complete(day)
    _remember_completed(rows.profile, day)


def _remember_completed(profile: LearnerProfile, day: date) -> None:
    profile.last_completed_day = max(day, profile.last_completed_day or day)


def _calendar(rows: PendingDays) -> Calendar:
    return Calendar(rows.kinds, SkippedDates(rows.profile))
