"""Symbols of topographic maps."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .drawing import canvas, circle, lines, moved, path, rectangle
from .kinds import Figure, one_of
from .pictograms import BRIDGE, CHURCH, MOSQUE, SCHOOL, TREE

WIDTH, HEIGHT = 160, 100


@dataclass(frozen=True)
class Symbol:
    drawing: str
    seen: str


def _across(*places: float, y: float = 50, half: float = 9) -> str:
    """Short upright strokes."""
    return "".join(lines((x, y - half), (x, y + half)) for x in places)


def _tuft(x: float, y: float) -> str:
    return "".join(lines((x, y), (x + end, y - 14), line="green") for end in (-8, 0, 8))


RIVER = path("M 10 62 C 40 20 60 20 82 50 S 126 82 150 36", line="blue", stroke_width=6)
STREAM = path("M 66 54 C 88 74 98 34 116 54 S 140 70 150 56", line="blue", stroke_width=4)
PLACES = [(34, 34), (80, 30), (126, 34), (56, 70), (104, 70)]

SYMBOLS = {
    "road": Symbol(
        rectangle(10, 43, 140, 14, fill="red") + lines((10, 42), (150, 42)) + lines((10, 58), (150, 58)),
        gettext_noop("two parallel lines, and red between them"),
    ),
    "footpath": Symbol(
        lines((12, 50), (148, 50), stroke_width=4, stroke_dasharray="16 12"), gettext_noop("one line of short dashes")
    ),
    "railway": Symbol(
        lines((10, 50), (150, 50), stroke_width=4) + _across(*range(24, 150, 16)),
        gettext_noop("a line with short strokes across it at equal distances"),
    ),
    "river": Symbol(RIVER, gettext_noop("a broad blue line that winds")),
    "bridge": Symbol(
        path("M 80 8 C 70 30 92 66 80 92", line="blue", stroke_width=8) + moved(BRIDGE, 80, 50, scale=3),
        gettext_noop("two parallel lines across a blue line; their ends bend outwards"),
    ),
    "house": Symbol(rectangle(66, 36, 28, 28, fill="ink"), gettext_noop("a small filled square")),
    "mosque": Symbol(
        moved(MOSQUE, 80, 52, scale=3), gettext_noop("a small filled box with a dome and a crescent on top")
    ),
    "church": Symbol(moved(CHURCH, 80, 52, scale=3), gettext_noop("a small filled box with a cross on top")),
    "school": Symbol(moved(SCHOOL, 80, 52, scale=3), gettext_noop("a small filled box with a flag on top")),
    "spring": Symbol(
        circle(54, 50, 13, line="blue", stroke_width=4) + STREAM,
        gettext_noop("a small blue circle, from which a thin blue line winds away"),
    ),
    "triangulation-point": Symbol(
        lines((80, 18), (114, 78), (46, 78), close=True, stroke_width=4) + circle(80, 58, 5, fill="ink"),
        gettext_noop("a triangle with a dot in its middle"),
    ),
    "rice-field": Symbol(
        "".join(_tuft(x, y + 8) for x, y in PLACES), gettext_noop("green tufts of three short strokes each, in rows")
    ),
    "forest": Symbol(
        "".join(moved(TREE, x, y, scale=1.5) for x, y in PLACES),
        gettext_noop("several round green crowns on short trunks"),
    ),
    "border": Symbol(
        "".join(lines((x, 50), (x + 18, 50), stroke_width=4) for x in range(14, 150, 38))
        + "".join(lines((x - 6, 50), (x + 6, 50)) + _across(x, half=6) for x in range(42, 130, 38)),
        gettext_noop("a line made of dashes and plus signs by turns"),
    ),
    "power-line": Symbol(
        lines((10, 50), (150, 50), stroke_width=2) + "".join(circle(x, 50, 5, fill="ink") for x in range(24, 150, 28)),
        gettext_noop("a thin straight line with dots at equal distances"),
    ),
}


def _draw(name: str) -> str:
    return canvas(WIDTH, HEIGHT, SYMBOLS[name].drawing)


def _describe(name: str) -> str:
    return _("Symbol on a map: {symbol}.").format(symbol=_(SYMBOLS[name].seen))


FIGURE = Figure(one_of(SYMBOLS), _draw, _describe)
