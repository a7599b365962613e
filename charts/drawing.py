"""Pieces of SVG. Across, they are placed in percent, so that a chart fits every width and its texts keep their size."""

import math
from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .numbers import Scale, as_short_text

HEIGHT = 180  # pixels of the plot, without the labels below it
BELOW, BESIDE = 20, 8  # pixels to the labels below and beside the plot
WIDE = 640  # pixels of the plot of a wide chart; charts.css says which charts are wide
LETTER, BETWEEN = 7, 10  # pixels of a letter of a label, and between two labels
LONGEST_LABEL = 16  # characters
COLOURS = 6


def drawing(label: str, height: int, pieces: Iterable[str]) -> SafeString:
    return format_html(
        '<svg class="chart-drawing" role="img" aria-label="{}" width="100%" height="{}">{}</svg>',
        label,
        height,
        joined(pieces),
    )


def joined(pieces: Iterable[str]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def nothing(label: str) -> SafeString:
    words = format_html('<text class="chart-nothing" x="50%" y="{}">{}</text>', HEIGHT // 2, _("No data yet"))
    return drawing(label, HEIGHT, [words])


def percent(share: float) -> str:
    """Of the width: 0.125 -> "12.5%"."""
    return f"{plain(share * 100)}%"


def plain(number: float) -> str:
    """As SVG writes numbers, whatever the language."""
    return f"{round(number, 2):g}"


def height_of(scale: Scale, value: float) -> float:
    """Pixels from the top of the plot."""
    return (1 - scale.share(value)) * HEIGHT


def grid(scale: Scale, unit: str) -> SafeString:
    """A line and a number for each tick; the one of zero is the axis."""
    piece = '<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/><text class="chart-scale" x="-{}" y="{}">{}</text>'
    lines = (
        ("chart-grid" if tick else "chart-axis", y, y, BESIDE, y, as_short_text(tick, unit))
        for tick in scale.ticks
        for y in [plain(height_of(scale, tick))]
    )
    return format_html_join("", piece, lines)


def labels_below(labels: list[str]) -> SafeString:
    """As many as a wide chart has room for; every second one of them in a narrower chart, every fourth on a phone."""
    texts = [shortened(label) for label in labels]
    room = BETWEEN + LETTER * max(map(len, texts))
    every = math.ceil(len(texts) * room / WIDE)
    lines = (
        (_when_shown(place // every), percent(middle(place, len(texts))), HEIGHT + BELOW, texts[place])
        for place in range(0, len(texts), every)
    )
    return format_html_join("", '<text class="{}" x="{}" y="{}">{}</text>', lines)


def _when_shown(number: int) -> str:
    """The classes of a label by its number among those of a wide chart."""
    if number % 2:
        return "chart-label chart-label-wide"
    return "chart-label chart-label-middle" if number % 4 else "chart-label"


def shortened(label: str, longest: int = LONGEST_LABEL) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1].rstrip()}…"


def middle(place: int, count: int) -> float:
    """Each label has an equal share of the width."""
    return (place + 0.5) / count


def colour(number: int) -> str:
    """The class of a series by its place; `charts.css` has the colours."""
    return f"chart-series-{number % COLOURS + 1}"


def hint(text: str) -> SafeString:
    """Shown where the pointer rests."""
    return format_html("<title>{}</title>", text)
