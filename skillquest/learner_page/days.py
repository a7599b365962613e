"""The streak calendar of the last weeks, with why each day is what it is, and the freezes."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse

from gamification.models import ActivityDay, FreezeEvent
from gamification.streaks import CalendarDay, DayStatus, calendar_of, local_date

from .blocks import SHOWN, Block, Cell, Facts, Link, all_of, moment
from .visits import Visit

WEEKS = 12
REPAIR_DAYS = "gamification.repair_days"
# (mark, words)
KINDS = {
    "active": ("✓", "Active"),
    "frozen": ("❄", "Frozen: a freeze was used"),
    "repaired": ("↺", "Repaired by staff"),
    "pardoned": ("☂", "Pardoned by an amnesty"),
    "skipped": ("→", "Skipped by a change of time zone"),
    "missed": ("×", "Missed"),  # noqa: RUF001 - a cross
    "none": ("", "Nothing"),
}


@dataclass(frozen=True)
class Field:
    """A day in the calendar; `kind` is one of KINDS."""

    kind: str
    text: str

    @property
    def mark(self) -> str:
        return KINDS[self.kind][0]


@dataclass(frozen=True)
class StreakCalendar:
    """`rows` are the days of the week from Monday, each with a field for each week, or None after today."""

    first: date
    rows: list[tuple[str, list[Field | None]]]

    @property
    def weeks(self) -> list[date]:
        return [self.first + timedelta(weeks=number) for number in range(WEEKS)]

    @property
    def legend(self) -> list[Field]:
        present = {field.kind for _, fields in self.rows for field in fields if field}
        return [Field(kind, words) for kind, (_, words) in KINDS.items() if kind in present and kind != "none"]


def days_of(visit: Visit) -> list[CalendarDay]:
    """From the Monday 11 weeks before this one until today, oldest first."""
    today = local_date(visit.profile, visit.at)
    return calendar_of(visit.profile, days=7 * (WEEKS - 1) + today.weekday() + 1, at=visit.at)


def streak_calendar(days: list[CalendarDay]) -> StreakCalendar:
    fields: list[Field | None] = [Field(kind_of(day), f"{day.date:%a %d %B %Y}: {reason_of(day)}") for day in days]
    fields += [None] * (7 * WEEKS - len(fields))
    first = days[0].date
    rows = [(f"{first + timedelta(days=weekday):%a}", fields[weekday::7]) for weekday in range(7)]
    return StreakCalendar(first, rows)


def kind_of(day: CalendarDay) -> str:
    return "repaired" if day.repair else day.status.value


def reason_of(day: CalendarDay) -> str:
    words = KINDS[kind_of(day)][1]
    if day.status == DayStatus.ACTIVE:
        return f"{words}, with a completion" if day.completed else f"{words}, by a check-in or practice"
    return f"{words}: {day.repair.reason}" if day.repair else words


def streak_facts(visit: Visit) -> Facts:
    profile = visit.profile
    return Facts(
        "Streak",
        [
            ("Current streak", profile.current_streak(local_date(profile, visit.at))),
            ("Longest streak", profile.longest_streak),
            ("Active days", profile.active_days),
            ("Freezes", f"{profile.freezes_available} of at most {settings.STREAK_FREEZES_AT_MOST}"),
        ],
    )


def other_days(visit: Visit, days: list[CalendarDay]) -> Block:
    """The newest days of the calendar without activity, each with what staff may do about it."""
    others = [day for day in reversed(days) if day.status not in (DayStatus.ACTIVE, DayStatus.NONE)]
    return Block(
        "Days without activity",
        ["Day", "Why", "By", "Act"],
        [[str(day.date), reason_of(day), _by(day), _act(visit, day)] for day in others[:SHOWN]],
        f"None in the last {WEEKS} weeks.",
        all_of(ActivityDay, visit.learner_id),
    )


def _by(day: CalendarDay) -> str:
    return f"{day.repair.actor}, {moment(day.repair.created_at)}" if day.repair else "-"


def _act(visit: Visit, day: CalendarDay) -> Cell:
    names = {"frozen": ("return_freeze", "Give the freeze back…"), "missed": ("repair_day", "Repair this day…")}
    if kind_of(day) not in names or not visit.may_act(REPAIR_DAYS):
        return "-"
    name, text = names[kind_of(day)]
    if name == "return_freeze" and visit.profile.freezes_available >= settings.STREAK_FREEZES_AT_MOST:
        return "Has as many freezes as one can have"
    url = reverse(f"admin:gamification_learnerprofile_{name}", args=[visit.learner_id])
    return Link(text, f"{url}?date={day.date}")


def freezes(visit: Visit) -> Block:
    events = FreezeEvent.objects.filter(learner=visit.learner_id).order_by("-pk")[:SHOWN]
    return Block(
        "Freezes",
        ["When (UTC)", "What", "For the day"],
        [[moment(event.created_at), event.get_kind_display(), str(event.date)] for event in events],
        "No freeze was granted or used.",
        all_of(FreezeEvent, visit.learner_id),
    )
