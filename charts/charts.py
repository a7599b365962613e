"""What charts are made of, and what they are when they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .numbers import Number, as_text

Cell = str | Number | None


@dataclass(frozen=True)
class Series:
    """Its values belong to the labels of the chart, in their order; None where there is no number."""

    name: str
    values: Sequence[Number | None]

    @property
    def numbers(self) -> list[Number]:
        return [value for value in self.values if value is not None]


@dataclass(frozen=True)
class Table:
    """The numbers of a chart as they are, for a table or a file; the first column has the labels."""

    header: list[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Chart:
    """`svg` says what it shows in its label; `table` has every number."""

    title: str
    unit: str
    labels: list[str]
    series: list[Series]
    axis: str
    svg: SafeString

    @property
    def table(self) -> Table:
        columns = [each.values for each in self.series]
        rows = [[label, *(values[place] for values in columns)] for place, label in enumerate(self.labels)]
        return Table([self.axis, *(each.name for each in self.series)], rows)

    @property
    def is_empty(self) -> bool:
        return not any(each.numbers for each in self.series)


def check(labels: list[str], series: list[Series]) -> None:
    """A value without a label would be drawn nowhere."""
    if any(len(each.values) != len(labels) for each in series):
        raise ValueError("Each series needs as many values as there are labels.")


def summary(title: str, unit: str, series: list[Series]) -> str:
    """The chart in a sentence for each series, for those who do not see it."""
    return " ".join([f"{title}.", *(_sentence(each, unit) for each in series)])


def _sentence(series: Series, unit: str) -> str:
    numbers = series.numbers
    if not numbers:
        return _("%(name)s: no data.") % {"name": series.name}
    if len(numbers) == 1:
        return _("%(name)s: %(value)s.") % {"name": series.name, "value": as_text(numbers[0], unit)}
    return _("%(name)s: between %(low)s and %(high)s, at last %(last)s.") % {
        "name": series.name,
        "low": as_text(min(numbers), unit),
        "high": as_text(max(numbers), unit),
        "last": as_text(numbers[-1], unit),
    }
