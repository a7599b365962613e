"""Why a day of the streak is what it is: facts, numbers and one sentence."""

from dataclasses import dataclass
from datetime import date, datetime

from gamification.models import ActivityDay, DayKind, FreezeEvent, LearnerProfile, LedgerEntry
from gamification.streaks.local_dates import local_date
from gamification.streaks.runs import Calendar, Days
from gamification.streaks.skipped_dates import SkippedDates
from gamification.streaks.status import DayStatus, status_without_row

from .wording import amount, listed, on_date


@dataclass(frozen=True)
class Run:
    """The run that a date belongs to or, where the date has no row, the last one before it.

    `active` days count; `began_on` is the first of them. All of it as of that date: later days are not looked at.
    """

    active: int = 0
    frozen: int = 0
    pardoned: int = 0
    began_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True)
class DayExplanation:
    """`alive_until` is the last date on which activity joins the run; None where the run is over or went on already.

    `missed` counts the days for which freezes would be used if the learner were active on `date`.
    """

    date: date
    today: date
    status: DayStatus
    run: Run
    alive_until: date | None
    missed: int
    bonus: LedgerEntry | None
    freezes: list[FreezeEvent]

    @property
    def why(self) -> str:
        return SENTENCES[self.status](self)


def explain_day(profile: LearnerProfile, day: date, *, at: datetime) -> DayExplanation:
    """Three statements, however many days the learner has; one more where zone changes have to be known."""
    today = local_date(profile, at)
    calendar = Calendar(_days_until(profile, day), SkippedDates(profile))
    run = latest_run(calendar)
    goes_on = run.ended_on is not None and run.ended_on == profile.last_day and today <= profile.alive_until
    return DayExplanation(
        date=day,
        today=today,
        status=_status(calendar, run, day, today),
        run=run,
        alive_until=profile.alive_until if goes_on else None,
        missed=len(calendar.missed_between(run.ended_on, day)) if goes_on else 0,
        bonus=_bonus_of(profile, day),
        freezes=list(FreezeEvent.objects.filter(learner_id=profile.pk, date=day)),
    )


def latest_run(calendar: Calendar) -> Run:
    """Of the days known, as `streak_of` has it: a stretch without an active day is no run."""
    runs = [stretch for stretch in calendar.stretches() if calendar.active_in(stretch)]
    if not runs:
        return Run()
    began_on = calendar.active_in(runs[-1])[0]
    kinds = [calendar.days[day] for day in runs[-1] if day >= began_on]
    return Run(
        kinds.count(DayKind.ACTIVE), kinds.count(DayKind.FROZEN), kinds.count(DayKind.PARDONED), began_on, runs[-1][-1]
    )


def _status(calendar: Calendar, run: Run, day: date, today: date) -> DayStatus:
    if day in calendar.days:
        return DayStatus(calendar.days[day])
    return status_without_row(calendar, day, today) if run.active else DayStatus.NONE


def _days_until(profile: LearnerProfile, day: date) -> Days:
    return dict(ActivityDay.objects.filter(learner_id=profile.pk, date__lte=day).values_list("date", "kind"))


def _bonus_of(profile: LearnerProfile, day: date) -> LedgerEntry | None:
    """The ledger entry of the streak bonus of that date, unless it was reversed."""
    paid = LedgerEntry.objects.filter(learner_id=profile.pk, reference_type="streak_bonus", reversal_of=None)
    return paid.filter(reference_id=day.isoformat(), reversed_by=None).first()


def _active(day: DayExplanation) -> str:
    run = day.run
    if run.active == 1:
        sentence = f"You were active on {on_date(day.date)}: the first day of a streak"
    else:
        sentence = (
            f"You were active on {on_date(day.date)}: day {run.active} of the streak that began on "
            f"{on_date(run.began_on)}{_held_together(run)}"
        )
    return f"{sentence}{_bonus(day)}{_freezes(day)}."


def _frozen(day: DayExplanation) -> str:
    if day.run.ended_on != day.date:
        return f"A freeze protects {on_date(day.date)}, but no streak reaches it."
    if day.date == day.today:
        return f"A freeze protects today: your streak of {_days(day)} goes on even if you do nothing."
    return (
        f"You were not active on {on_date(day.date)}, and a freeze was used for it: your streak of {_days(day)} went "
        "on without growing."
    )


def _pardoned(day: DayExplanation) -> str:
    sentence = f"{on_date(day.date)} is pardoned, because our service was away"
    if day.run.ended_on == day.date:
        return f"{sentence}: it neither broke your streak of {_days(day)} nor added to it."
    return f"{sentence}: it counts neither for you nor against you."


def _skipped(day: DayExplanation) -> str:
    return (
        f"Your clock skipped {on_date(day.date)}, or most of it, because the time zone changed; such a date neither "
        "breaks a streak nor adds to it."
    )


def _missed(day: DayExplanation) -> str:
    sentence = f"You were not active on {on_date(day.date)}"
    if day.alive_until:
        return (
            f"{sentence}, but your freezes can still be used for it: be active by {on_date(day.alive_until)} and your "
            f"streak of {_days(day)} goes on."
        )
    return (
        f"{sentence} and no freeze was used for the day; the last streak before it, of {_days(day)}, ended on "
        f"{on_date(day.run.ended_on)}."
    )


def _none(day: DayExplanation) -> str:
    if day.date < day.today:
        return f"You were not active on {on_date(day.date)}, and had no streak then."
    if day.alive_until is None:
        return f"You have not been active today, {on_date(day.date)}; activity starts a streak."
    price = f" at the price of {amount(day.missed, 'freeze')}" if day.missed else ""
    return (
        f"You have not been active today, {on_date(day.date)}; activity makes it day {day.run.active + 1} of your "
        f"streak{price}, which stays alive until {on_date(day.alive_until)}."
    )


SENTENCES = {
    DayStatus.ACTIVE: _active,
    DayStatus.FROZEN: _frozen,
    DayStatus.PARDONED: _pardoned,
    DayStatus.SKIPPED: _skipped,
    DayStatus.MISSED: _missed,
    DayStatus.NONE: _none,
}


def _days(day: DayExplanation) -> str:
    return amount(day.run.active, "day")


def _held_together(run: Run) -> str:
    others = [(run.frozen, "frozen day"), (run.pardoned, "pardoned day")]
    words = [amount(number, one) for number, one in others if number]
    return f", with {listed(words)} in between" if words else ""


def _bonus(day: DayExplanation) -> str:
    if day.bonus is None:
        return ""
    known = day.bonus.metadata.get("streak", day.run.active)
    by = "" if known == day.run.active else f" (by the {amount(known, 'day')} known then)"
    return f"; its first completion paid {day.bonus.delta} XP{by}"


def _freezes(day: DayExplanation) -> str:
    words = {FreezeEvent.Kind.GRANTED: "; it earned a freeze", FreezeEvent.Kind.RETURNED: "; a freeze came back"}
    return "".join(words.get(event.kind, "") for event in day.freezes)
