"""Days as text: `A` active, `F` frozen, `P` pardoned, `.` no row, `s` skipped; the first letter is the date FIRST."""

from datetime import UTC, date, datetime, time, timedelta

from gamification.models import ActivityDay, FreezeEvent, LearnerProfile
from gamification.streaks.runs import Calendar

FIRST = date(2026, 3, 1)
KINDS = {"A": "active", "F": "frozen", "P": "pardoned"}
LETTERS = {kind: letter for letter, kind in KINDS.items()}


def day(number: int) -> date:
    """The date `number`, counted from 1."""
    return FIRST + timedelta(days=number - 1)


def noon(number: int) -> datetime:
    return datetime.combine(day(number), time(12), UTC)


def days_from(pattern: str) -> dict[date, str]:
    return {day(number): KINDS[letter] for number, letter in enumerate(pattern, start=1) if letter in KINDS}


def calendar_from(pattern: str) -> Calendar:
    skipped = {day(number) for number, letter in enumerate(pattern, start=1) if letter == "s"}
    return Calendar(days_from(pattern), skipped)


def pattern_from(days: dict[date, str]) -> str:
    if not days:
        return ""
    length = (max(days) - FIRST).days + 1
    return "".join(LETTERS.get(days.get(day(number)), ".") for number in range(1, length + 1))


def pattern_of(learner) -> str:
    return pattern_from(dict(ActivityDay.objects.filter(learner=learner).values_list("date", "kind")))


def freezes_of(learner) -> str:
    """`-3` is a use for the third day, `+3` a return of it, `*7` a grant on the seventh."""
    signs = {"used": "-", "returned": "+", "granted": "*"}
    events = FreezeEvent.objects.filter(learner=learner).order_by("pk")
    return " ".join(f"{signs[event.kind]}{(event.date - FIRST).days + 1}" for event in events)


def profile_of(learner) -> LearnerProfile:
    return LearnerProfile.objects.get(pk=learner.pk)
