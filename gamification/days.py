"""Recording activity: which day rows a deed writes, which freezes it uses, earns or gives back.

Every function takes a profile that the caller has locked (`locked_with_rules`) and changes it in memory; the caller
saves it once.
"""

from dataclasses import dataclass
from datetime import date, datetime

from . import pardons
from .day_rows import NewRows
from .errors import NoFreezesLeft
from .models import ActivityDay, LearnerProfile
from .streaks import Action, Kind, alive_until, missed_between, run_ending_on, streak_of
from .zones import end_of


@dataclass(frozen=True)
class Recorded:
    """`run` is the run that ends on the recorded date; `is_first_completion` of that date."""

    action: Action
    run: int
    is_first_completion: bool


def record_activity(profile: LearnerProfile, day: date, *, at: datetime, completed: bool) -> Recorded:
    """The learner was active on the local date `day`; `completed` unless it was a mere check-in.

    The usual case, a day on or right after the last one, reads nothing from the database: the profile knows.
    """
    catch_up(profile, at=at)
    if day == profile.last_active_day:
        return _again(profile, day, completed)
    if profile.last_day and day > profile.last_day and not profile.has_later_days:
        return _next_day(profile, day, at=at, completed=completed)
    return _late_or_rare(profile, day, at=at, completed=completed)


def freeze_today(profile: LearnerProfile, today: date, *, at: datetime) -> None:
    """Protect today in advance, together with the days that were missed before it, where the streak can be saved.

    Nothing changes if there is a row for today. Raise NoFreezesLeft.
    """
    catch_up(profile, at=at)
    days = days_of(profile)
    if today in days:
        return
    protected = [today]
    if profile.alive_until and today <= profile.alive_until:
        protected += missed_between(days, profile.last_day, today)
    if len(protected) > profile.freezes_available:
        raise NoFreezesLeft
    new = NewRows(profile, at)
    new.freeze(protected)
    new.write()
    refresh_streak(profile, days | dict.fromkeys(protected, Kind.FROZEN))


def catch_up(profile: LearnerProfile, *, at: datetime) -> None:
    """Amnesties were granted that do not stand in this learner's days yet: now they do."""
    if profile.amnesties_applied < profile.newest_amnesty:
        days, new = days_of(profile), NewRows(profile, at)
        pardons.apply(profile, days, new, **pardons.pending_of(profile))
        new.write()
        refresh_streak(profile, days)


def refresh_streak(profile: LearnerProfile, days: dict[date, str]) -> None:
    """Set the running totals to what the rows say."""
    streak = streak_of(days, profile.freezes_available)
    profile.streak_run, profile.longest_streak = streak.run, streak.longest
    profile.last_day, profile.last_active_day = streak.last_day, streak.last_active_day
    profile.has_later_days, profile.active_days = streak.has_later, streak.active_days
    _set_alive_until(profile, streak.alive_until)


def days_of(profile: LearnerProfile) -> dict[date, str]:
    return {date: kind for date, kind, _ in _rows_of(profile)}


def _rows_of(profile: LearnerProfile) -> list[tuple[date, str, bool]]:
    """(date, kind, completed); of a learner who has no days yet the profile knows that."""
    if profile.last_day is None and not profile.has_later_days:
        return []
    return list(ActivityDay.objects.filter(learner_id=profile.pk).values_list("date", "kind", "completed"))


def _again(profile: LearnerProfile, day: date, completed: bool) -> Recorded:
    first = completed and profile.last_completed_day != day
    if first:
        _mark_completed(profile, day)
    return Recorded(Action.MAINTAINED, profile.streak_run, first)


def _next_day(profile: LearnerProfile, day: date, *, at: datetime, completed: bool) -> Recorded:
    """Later than every row that there is."""
    new = NewRows(profile, at)
    action = _join(profile, {}, day, new)
    new.activate(day, completed)
    run = 1 if action == Action.BROKEN else profile.streak_run + 1
    new.earn_freeze(day, run)
    new.write()
    profile.streak_run, profile.longest_streak = run, max(run, profile.longest_streak)
    profile.active_days += 1
    profile.last_day = profile.last_active_day = day
    _set_alive_until(profile, alive_until({}, day, profile.freezes_available))
    return _recorded(profile, action, run, day, completed)


def _late_or_rare(profile: LearnerProfile, day: date, *, at: datetime, completed: bool) -> Recorded:
    """The first day ever, a day of the past, one that was frozen or pardoned, or one after days that stand apart."""
    rows = _rows_of(profile)
    days = {date: kind for date, kind, _ in rows}
    if days.get(day) == Kind.ACTIVE:
        first = completed and (day, Kind.ACTIVE, False) in rows
        if first:
            _mark_completed(profile, day)
        return Recorded(Action.MAINTAINED, run_ending_on(days, day), first)
    new, before = NewRows(profile, at), profile.streak_run
    if days.get(day) == Kind.FROZEN:
        new.give_back(day)
    action = _join(profile, days, day, new)
    new.activate(day, completed)
    days[day] = Kind.ACTIVE
    run = run_ending_on(days, day)
    new.earn_freeze(day, run)
    new.write()
    refresh_streak(profile, days)
    if action is None:
        action = Action.INCREASED if profile.streak_run > before else Action.MAINTAINED
    return _recorded(profile, action, run, day, completed)


def _join(profile: LearnerProfile, days: dict[date, str], day: date, new: NewRows) -> Action | None:
    """For a day after all runs so far: let freezes fill the gap before it, if they can. None for a late day."""
    if profile.last_day is None:
        return Action.STARTED
    if day <= profile.last_day:
        return None
    if day > profile.alive_until:
        return Action.BROKEN
    missed = missed_between(days, profile.last_day, day)
    new.freeze(missed)
    days.update(dict.fromkeys(missed, Kind.FROZEN))
    return Action.FROZEN if missed else Action.INCREASED


def _recorded(profile: LearnerProfile, action: Action, run: int, day: date, completed: bool) -> Recorded:
    if completed:
        _remember_completed(profile, day)
    return Recorded(action, run, completed)


def _mark_completed(profile: LearnerProfile, day: date) -> None:
    ActivityDay.objects.filter(learner_id=profile.pk, date=day).update(completed=True)
    _remember_completed(profile, day)


def _remember_completed(profile: LearnerProfile, day: date) -> None:
    profile.last_completed_day = max(day, profile.last_completed_day or day)


def _set_alive_until(profile: LearnerProfile, day: date | None) -> None:
    profile.alive_until = day
    profile.streak_expires_at = end_of(day, profile.time_zone) if day else None
