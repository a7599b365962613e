"""What reports have in common: what they are asked for, what they answer, and sums by week."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from django.utils.formats import date_format

from analytics.models import Analytics
from analytics.periods import DAY, days_from, first_monday, monday_of
from charts import Chart, Series, Table
from charts.numbers import Number

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Filters:
    """The last so many weeks, of which that of `today` is one; and the identifier of a section, or ""."""

    weeks: int
    section: str
    today: date

    @property
    def first(self) -> date:
        return first_monday(self.weeks, self.today)

    @property
    def days(self) -> list[date]:
        return days_from(self.first, self.today)

    @property
    def mondays(self) -> list[date]:
        return self.days[::7]

    @property
    def last(self) -> date:
        """Of learners in the east it is tomorrow."""
        return self.today + DAY


@dataclass(frozen=True)
class Figures:
    """`table` is what a file has; without one it is that of the first chart. `note` is about these figures."""

    charts: list[Chart]
    table: Table | None = None
    note: str = ""

    @property
    def file(self) -> Table:
        return self.table or self.charts[0].table


@dataclass(frozen=True)
class Report:
    """`about` says what is counted, and by whose dates."""

    name: str
    title: str
    about: str
    read: Callable[[Filters, Analytics], Figures]
    has_range: bool = field(default=True, kw_only=True)
    has_section: bool = field(default=False, kw_only=True)


def short(day: date) -> str:
    return date_format(day, "j M")


def by_week(rows: Iterable[tuple[date, Key, int]], filters: Filters) -> dict[Key, list[Number | None]]:
    """The sums of each key by week, from (date, key, number)."""
    places = {monday: place for place, monday in enumerate(filters.mondays)}
    sums: dict[Key, list[Number | None]] = defaultdict(lambda: [0] * len(places))
    for day, key, number in rows:
        place = places[monday_of(day)]
        sums[key][place] = (sums[key][place] or 0) + number
    return sums


def series_of(names: Mapping[str, str], values: Mapping[str, list[Number | None]]) -> list[Series]:
    """In the order of `names` (key -> what people read), those that have values."""
    return [Series(words, values[key]) for key, words in names.items() if key in values]


def percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0
