"""Lines from point to point."""

from collections.abc import Iterator
from itertools import pairwise

from django.utils.html import format_html
from django.utils.safestring import SafeString

from .charts import Chart, Series, check, summary
from .drawing import HEIGHT, colour, drawing, grid, height_of, hint, labels_below, middle, nothing, percent, plain
from .numbers import Scale, as_text, scale_for

RADIUS = 3  # pixels
MOST_POINTS = 60  # of a line; more would hide it


def line_chart(labels: list[str], series: list[Series], *, title: str, unit: str = "", axis: str = "") -> Chart:
    """`axis` says what the labels are, for the table. Where there is no number, the line is interrupted."""
    check(labels, series)
    sentence = summary(title, unit, series)
    if not any(each.numbers for each in series):
        return Chart(title, unit, labels, series, axis, nothing(sentence))
    scale = scale_for(number for each in series for number in each.numbers)
    drawn = [piece for number in range(len(series)) for piece in _line(labels, series, number, scale, unit)]
    svg = drawing(sentence, HEIGHT, [grid(scale, unit), *drawn, labels_below(labels)])
    return Chart(title, unit, labels, series, axis, svg)


def _line(labels: list[str], series: list[Series], number: int, scale: Scale, unit: str) -> Iterator[SafeString]:
    """The segments first, so that the points lie on top of them."""
    values = series[number].values
    points = [
        None if value is None else (percent(middle(place, len(values))), plain(height_of(scale, value)))
        for place, value in enumerate(values)
    ]
    for start, end in pairwise(points):
        if start and end:
            yield format_html(
                '<line class="chart-line {}" x1="{}" y1="{}" x2="{}" y2="{}"/>', colour(number), *start, *end
            )
    for place, point in enumerate(points):
        if point and (len(points) <= MOST_POINTS or _stands_alone(points, place)):
            text = f"{labels[place]}, {series[number].name}: {as_text(values[place], unit)}"
            yield _point(number, *point, text)


def _stands_alone(points: list[tuple[str, str] | None], place: int) -> bool:
    return not any(points[max(0, place - 1) : place]) and not any(points[place + 1 : place + 2])


def _point(number: int, x: str, y: str, text: str) -> SafeString:
    """Circles and squares in turn: colours are not all that tells lines apart."""
    if number % 2:
        piece = (
            '<rect class="chart-point {}" x="{}" y="{}" width="{}" height="{}" transform="translate(-{} -{})">{}</rect>'
        )
        return format_html(piece, colour(number), x, y, 2 * RADIUS, 2 * RADIUS, RADIUS, RADIUS, hint(text))
    piece = '<circle class="chart-point {}" cx="{}" cy="{}" r="{}">{}</circle>'
    return format_html(piece, colour(number), x, y, RADIUS, hint(text))
