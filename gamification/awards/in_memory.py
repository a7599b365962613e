"""What was paid, what has been used up of the limits, and what was reviewed, without rows.

For `OneAccount`, and for trials of rules.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from gamification.pricing import xp

from .rewards import ReviewAward
from .usage import EPOCH, HOURS_A_DAY


class PaidInMemory:
    """What subjects have paid so far, and references of a type on a UTC date: for repeat policies and the daily cap."""

    def __init__(
        self, by_subject: Mapping[str, int] | None = None, by_day: Mapping[tuple[date, str], int] | None = None
    ) -> None:
        self.by_subject, self.by_day = Counter(by_subject or {}), Counter(by_day or {})

    def limit_repeat(self, breakdown: xp.Breakdown, policy: str, subject: str) -> xp.Breakdown:
        return xp.limit_repeat(breakdown, policy, self.by_subject[subject])

    def limit_day(self, breakdown: xp.Breakdown, cap: int | None, day: date, reference_type: str) -> xp.Breakdown:
        return xp.limit_day(breakdown, cap, self.by_day[day, reference_type]) if breakdown else breakdown

    def note(self, amount: int, subject: str, day: date, reference_type: str) -> None:
        self.by_subject[subject] += amount
        self.by_day[day, reference_type] += amount


class UsageInMemory:
    """As `Usage`, of which it has what a `Limiter` asks for."""

    def __init__(self) -> None:
        self.hours: dict[date, dict[str, list[int]]] = defaultdict(dict)
        self.days: dict[date, dict] = defaultdict(dict)

    def hour(self, hour: int) -> list[int]:
        day, clock = divmod(hour, HOURS_A_DAY)
        return self.hours[date.fromordinal(EPOCH + day)].get(str(clock), [0, 0])

    def day(self, day: date) -> dict:
        return self.days[day]

    def use_hour(self, hour: int, *, results: int = 0, seconds: int = 0) -> None:
        had, played = self.hour(hour)
        day, clock = divmod(hour, HOURS_A_DAY)
        self.hours[date.fromordinal(EPOCH + day)][str(clock)] = [had + results, played + seconds]

    def use_day(self, day: date) -> dict:
        return self.days[day]


class ReviewsInMemory:
    """Of each date, the questions that were reviewed, and what that has paid."""

    def __init__(self) -> None:
        self.subjects: dict[date, set[str]] = defaultdict(set)
        self.paid = Counter[date]()

    def follow(self, award: ReviewAward, day: date) -> ReviewAward:
        """The same review after those before it."""
        self.subjects[day].add(award.subject)
        return replace(award, reviewed=len(self.subjects[day]), paid_before=self.paid[day])
