"""What a guest and an account have done, as `tracking` hands it over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple

from gamification.awards.metrics import MetricAward
from gamification.awards.rewards import Award, ReviewAward
from gamification.pricing import xp
from gamification.pricing.metrics import xp_for
from gamification.streaks.local_dates import local_date

from .books import Books


@dataclass(frozen=True)
class MergedResult:
    """A completion that counts. `breakdown` is what it was paid, `counted` what a daily limit has cut of its metrics.

    `award` has all of its metrics, and the timing by which it is judged where the limits apply to it. `at` is when it
    was recorded, or released. `needs` are the subjects of which a passed completion opened this one.
    """

    award: Award
    breakdown: xp.Breakdown
    at: datetime
    counted: dict[str, int] | None = None
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MergedEvent:
    """An event of a metric. `award` has its whole value, for which `due` XP are due; `counted` counted and `paid`."""

    award: MetricAward
    at: datetime
    counted: int
    due: int
    paid: int


@dataclass(frozen=True)
class OtherResult:
    """A copy of another result, as which it counts; what staff reversed of one is reversed."""

    reference_id: str
    copy_of: str
    effective_at: datetime
    at: datetime


class Brought(NamedTuple):
    """What one of the two has done."""

    results: Sequence[MergedResult] = ()
    dropped: Sequence[OtherResult] = ()
    events: Sequence[MergedEvent] = ()
    reviews: Sequence[ReviewAward] = ()  # in the order in which they were given


class Side(NamedTuple):
    """One of the two accounts."""

    books: Books
    brought: Brought

    def local_date(self, moment: datetime) -> date:
        return local_date(self.books.profile, moment)


def as_due(event: MergedEvent) -> MetricAward:
    """By the price of the metric, or by what was due, where staff have changed the price since."""
    award, metric = event.award, event.award.metric
    if xp_for(award.value, metric.xp_per_unit) == event.due:
        return award
    return replace(award, metric=replace(metric, xp_per_unit=Fraction(event.due, award.value)))


def as_paid(event: MergedEvent) -> MetricAward:
    """As it counted and paid, whatever staff have changed since."""
    at_least = max(event.counted, event.award.metric.per_event_max)
    price = Fraction(event.paid, event.counted or 1)
    metric = replace(event.award.metric, xp_per_unit=price, per_day_max=None, per_event_max=at_least)
    return replace(event.award, metric=metric, value=event.counted, has_limits=False)
