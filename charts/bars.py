"""Bars that stand side by side, or on top of each other."""

from collections.abc import Iterator

from django.utils.html import format_html
from django.utils.safestring import SafeString

from .charts import Chart, Series, check, summary
from .drawing import HEIGHT, colour, drawing, grid, height_of, hint, labels_below, middle, nothing, percent, plain
from .numbers import Number, Scale, as_text, scale_for

FILLED = 0.7  # of the width that belongs to a label
WIDEST = 0.08  # one bar, of the width of the chart


def bar_chart(
    labels: list[str], series: list[Series], *, title: str, unit: str = "", stacked: bool = False, axis: str = ""
) -> Chart:
    """`axis` says what the labels are, for the table. Values below zero hang under the axis."""
    check(labels, series)
    sentence = summary(title, unit, series)
    if not any(each.numbers for each in series):
        return Chart(title, unit, labels, series, axis, nothing(sentence))
    scale = scale_for(_ends(series) if stacked else [number for each in series for number in each.numbers])
    draw = _stacks if stacked else _groups
    pieces = [grid(scale, unit), *draw(labels, series, scale, unit), labels_below(labels)]
    return Chart(title, unit, labels, series, axis, drawing(sentence, HEIGHT, pieces))


def _ends(series: list[Series]) -> Iterator[Number]:
    """How far each stack goes up and down."""
    for values in zip(*(each.values for each in series), strict=True):
        yield sum(value for value in values if value and value > 0)
        yield sum(value for value in values if value and value < 0)


def _groups(labels: list[str], series: list[Series], scale: Scale, unit: str) -> Iterator[SafeString]:
    width = min(FILLED / len(labels) / len(series), WIDEST)
    for number, each in enumerate(series):
        for place, value in enumerate(each.values):
            left = middle(place, len(labels)) + (number - len(series) / 2) * width
            if value:
                text = _hint(labels[place], each, value, unit)
                yield _bar(number, left, width, _span(scale, 0, value), text)


def _stacks(labels: list[str], series: list[Series], scale: Scale, unit: str) -> Iterator[SafeString]:
    width = min(FILLED / len(labels), WIDEST)
    for place, label in enumerate(labels):
        up: Number = 0
        down: Number = 0
        for number, each in enumerate(series):
            if not (value := each.values[place]):
                continue
            start = up if value > 0 else down
            up, down = (start + value, down) if value > 0 else (up, start + value)
            text = _hint(label, each, value, unit)
            yield _bar(number, middle(place, len(labels)) - width / 2, width, _span(scale, start, start + value), text)


def _span(scale: Scale, start: Number, end: Number) -> tuple[float, float]:
    """The top of a bar, and its height."""
    ends = height_of(scale, start), height_of(scale, end)
    return min(ends), abs(ends[0] - ends[1])


def _bar(number: int, left: float, width: float, span: tuple[float, float], text: str) -> SafeString:
    return format_html(
        '<rect class="chart-bar {}" x="{}" y="{}" width="{}" height="{}">{}</rect>',
        colour(number),
        percent(left),
        plain(span[0]),
        percent(width),
        plain(span[1]),
        hint(text),
    )


def _hint(label: str, series: Series, value: Number, unit: str) -> str:
    return f"{label}, {series.name}: {as_text(value, unit)}"
