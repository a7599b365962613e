"""Bars that lie, each under its label and beside its number: for names, which are long, and many."""

from collections.abc import Iterator

from django.utils.html import format_html
from django.utils.safestring import SafeString

from .charts import Chart, Series, check, summary
from .drawing import colour, drawing, hint, nothing, percent, shortened
from .numbers import Number, Scale, as_text, scale_for

TITLE, BAR, GAP = 18, 14, 12  # pixels: the line of a label, a bar, the space between two labels
LONGEST = 44  # characters of a label, as many as a phone has room for
WIDEST = 0.82  # of the width; the numbers stand on the right


def row_chart(labels: list[str], series: list[Series], *, title: str, unit: str = "", axis: str = "") -> Chart:
    """`axis` says what the labels are, for the table. No value is below zero."""
    check(labels, series)
    sentence = summary(title, unit, series)
    if not any(each.numbers for each in series):
        return Chart(title, unit, labels, series, axis, nothing(sentence))
    scale = scale_for(number for each in series for number in each.numbers)
    row = TITLE + BAR * len(series) + GAP
    pieces = [piece for place in range(len(labels)) for piece in _row(labels, series, place, place * row, scale, unit)]
    return Chart(title, unit, labels, series, axis, drawing(sentence, row * len(labels), pieces))


def _row(
    labels: list[str], series: list[Series], place: int, top: int, scale: Scale, unit: str
) -> Iterator[SafeString]:
    yield format_html(
        '<text class="chart-row" x="0" y="{}">{}</text>', top + TITLE - 5, shortened(labels[place], LONGEST)
    )
    for number, each in enumerate(series):
        value = each.values[place]
        y = top + TITLE + number * BAR
        width = WIDEST * scale.share(value or 0)
        if width:
            text = f"{labels[place]}, {each.name}: {as_text(value, unit)}"
            yield _bar(number, y, width, text)
        yield _number(value, width, y, unit)


def _bar(number: int, y: int, width: float, text: str) -> SafeString:
    return format_html(
        '<rect class="chart-bar {}" x="0" y="{}" width="{}" height="{}">{}</rect>',
        colour(number),
        y,
        percent(width),
        BAR - 2,
        hint(text),
    )


def _number(value: Number | None, width: float, y: int, unit: str) -> SafeString:
    piece = '<text class="chart-number" x="{}" y="{}" dx="6">{}</text>'
    return format_html(piece, percent(width), y + BAR - 4, as_text(value, unit))
