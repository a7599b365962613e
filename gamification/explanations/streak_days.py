"""Why a day of the streak is what it is: facts, numbers and one sentence."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gamification.models import ActivityDay, DayKind, DayRepair, FreezeEvent, LearnerProfile, LedgerEntry
from gamification.streaks.local_dates import local_date
from gamification.streaks.runs import Calendar, Days
from gamification.streaks.skipped_dates import SkippedDates
from gamification.streaks.status import DayStatus, status_without_row

from .wording import days, listed, on_date


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
    repair: DayRepair | None = None

    @property
    def why(self) -> str:
        return SENTENCES[self.status](self)


def explain_day(profile: LearnerProfile, day: date, *, at: datetime) -> DayExplanation:
    """Three statements, however many days the learner has; one more where zone changes have to be known, and one for a
    pardoned day.
    """
    today = local_date(profile, at)
    calendar = Calendar(_days_until(profile, day), SkippedDates(profile))
    run = latest_run(calendar)
    status = _status(calendar, run, day, today)
    goes_on = run.ended_on is not None and run.ended_on == profile.last_day and today <= profile.alive_until
    return DayExplanation(
        date=day,
        today=today,
        status=status,
        run=run,
        alive_until=profile.alive_until if goes_on else None,
        missed=len(calendar.missed_between(run.ended_on, day)) if goes_on else 0,
        bonus=_bonus_of(profile, day),
        freezes=list(FreezeEvent.objects.filter(learner_id=profile.pk, date=day)),
        repair=_repair_of(profile, day) if status == DayStatus.PARDONED else None,
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


def _repair_of(profile: LearnerProfile, day: date) -> DayRepair | None:
    return DayRepair.objects.filter(learner_id=profile.pk, date=day).first()


def _bonus_of(profile: LearnerProfile, day: date) -> LedgerEntry | None:
    """The ledger entry of the streak bonus of that date, unless it was reversed."""
    paid = LedgerEntry.objects.filter(learner_id=profile.pk, reference_type="streak_bonus", reversal_of=None)
    return paid.filter(reference_id=day.isoformat(), reversed_by=None).first()


def _active(day: DayExplanation) -> str:
    run = day.run
    if run.active == 1:
        sentence = _("You were active on %(day)s: the first day of a streak") % {"day": on_date(day.date)}
    else:
        sentence = _("You were active on %(day)s: day %(number)s of the streak that began on %(began)s") % {
            "day": on_date(day.date),
            "number": run.active,
            "began": on_date(run.began_on),
        }
        sentence += _held_together(run)
    return f"{sentence}{_bonus(day)}{_freezes(day)}."


def _frozen(day: DayExplanation) -> str:
    if day.run.ended_on != day.date:
        return _("A freeze protects %(day)s, but no streak reaches it.") % {"day": on_date(day.date)}
    if day.date == day.today:
        words = _("A freeze protects today: your streak of %(days)s goes on even if you do nothing.")
        return words % {"days": _days(day)}
    return _(
        "You were not active on %(day)s, and a freeze was used for it: your streak of %(days)s went on without growing."
    ) % {"day": on_date(day.date), "days": _days(day)}


def _pardoned(day: DayExplanation) -> str:
    if day.repair:
        return _repaired(day, day.repair)
    if day.run.ended_on == day.date:
        return _(
            "%(day)s is pardoned, because our service was away: it neither broke your streak of %(days)s nor added "
            "to it."
        ) % {"day": on_date(day.date), "days": _days(day)}
    words = _("%(day)s is pardoned, because our service was away: it counts neither for you nor against you.")
    return words % {"day": on_date(day.date)}


def _repaired(day: DayExplanation, repair: DayRepair) -> str:
    values = {"day": on_date(day.date), "days": _days(day), "reason": repair.reason}
    if day.run.ended_on == day.date:
        return (
            _(
                "%(day)s was pardoned by our staff (%(reason)s): it neither broke your streak of %(days)s nor added to "
                "it."
            )
            % values
        )
    return _("%(day)s was pardoned by our staff (%(reason)s): it counts neither for you nor against you.") % values


def _skipped(day: DayExplanation) -> str:
    return _(
        "Your clock skipped %(day)s, or most of it, because the time zone changed; such a date neither breaks a "
        "streak nor adds to it."
    ) % {"day": on_date(day.date)}


def _missed(day: DayExplanation) -> str:
    if day.alive_until:
        return _(
            "You were not active on %(day)s, but your freezes can still be used for it: be active by %(until)s and "
            "your streak of %(days)s goes on."
        ) % {"day": on_date(day.date), "until": on_date(day.alive_until), "days": _days(day)}
    return _(
        "You were not active on %(day)s and no freeze was used for the day; the last streak before it, of %(days)s, "
        "ended on %(ended)s."
    ) % {"day": on_date(day.date), "days": _days(day), "ended": on_date(day.run.ended_on)}


def _none(day: DayExplanation) -> str:
    date_ = on_date(day.date)
    if day.date < day.today:
        return _("You were not active on %(day)s, and had no streak then.") % {"day": date_}
    if day.alive_until is None:
        return _("You have not been active today, %(day)s; activity starts a streak.") % {"day": date_}
    values = {"day": date_, "number": day.run.active + 1, "until": on_date(day.alive_until), "freezes": day.missed}
    if not day.missed:
        return (
            _(
                "You have not been active today, %(day)s; activity makes it day %(number)s of your streak, which "
                "stays alive until %(until)s."
            )
            % values
        )
    return (
        ngettext(
            "You have not been active today, %(day)s; activity makes it day %(number)s of your streak at the price of "
            "%(freezes)s freeze, which stays alive until %(until)s.",
            "You have not been active today, %(day)s; activity makes it day %(number)s of your streak at the price of "
            "%(freezes)s freezes, which stays alive until %(until)s.",
            day.missed,
        )
        % values
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
    return days(day.run.active)


def _held_together(run: Run) -> str:
    words = []
    if run.frozen:
        words += [ngettext("%(number)s frozen day", "%(number)s frozen days", run.frozen) % {"number": run.frozen}]
    if run.pardoned:
        pardoned = ngettext("%(number)s pardoned day", "%(number)s pardoned days", run.pardoned)
        words += [pardoned % {"number": run.pardoned}]
    return _(", with %(days)s in between") % {"days": listed(words)} if words else ""


def _bonus(day: DayExplanation) -> str:
    if day.bonus is None:
        return ""
    known = day.bonus.metadata.get("streak", day.run.active)
    words = _what_paid(day.bonus)
    return words if known == day.run.active else words + _(" (by the %(days)s known then)") % {"days": days(known)}


def _what_paid(bonus: LedgerEntry) -> str:
    reviews = bonus.metadata.get("reviews")  # how many made the day, by the rules in force then
    if reviews is None:
        return _("; its first completion paid %(xp)s XP") % {"xp": bonus.delta}
    words = ngettext(
        "; practising %(reviews)s question made the day, and paid %(xp)s XP",
        "; practising %(reviews)s questions made the day, and paid %(xp)s XP",
        reviews,
    )
    return words % {"reviews": reviews, "xp": bonus.delta}


def _freezes(day: DayExplanation) -> str:
    words = {
        FreezeEvent.Kind.GRANTED: _("; it earned a freeze"),
        FreezeEvent.Kind.RETURNED: _("; a freeze came back"),
    }
    return "".join(words.get(event.kind, "") for event in day.freezes)
