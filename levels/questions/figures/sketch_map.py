"""A sketch of a map: things on a grid of 10 by 10 squares. North is up, and a square is 100 m wide."""

import re
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .drawing import arrow, canvas, label, lines, moved
from .kinds import Figure, FigureError
from .pictograms import BRIDGE, HILL, HOUSE, MOSQUE, PIN, SCHOOL, TENT, TREE, WELL

THINGS = {
    "house": (HOUSE, gettext_noop("house")),
    "tree": (TREE, gettext_noop("tree")),
    "well": (WELL, gettext_noop("well")),
    "bridge": (BRIDGE, gettext_noop("bridge")),
    "camp": (TENT, gettext_noop("camp")),
    "mosque": (MOSQUE, gettext_noop("mosque")),
    "school": (SCHOOL, gettext_noop("school")),
    "hill": (HILL, gettext_noop("hill")),
    "you": (PIN, gettext_noop("you")),
}
LINE = re.compile("([a-z]+) +([0-9]+(?:[.]5)?) +([0-9]+(?:[.]5)?)")
MOST = 12
SQUARES, SIDE, EDGE = 10, 32, 20


@dataclass(frozen=True)
class Thing:
    name: str
    x: float
    y: float


def _read(source: str) -> list[Thing]:
    rows = [row.strip() for row in source.splitlines() if row.strip()]
    if not 1 <= len(rows) <= MOST:
        raise FigureError(f"Give 1 to {MOST} lines, not {len(rows)}.")
    things = [_thing(row) for row in rows]
    if len({(thing.x, thing.y) for thing in things}) < len(things):
        raise FigureError("Two things have the same place.")
    return things


def _thing(row: str) -> Thing:
    match = LINE.fullmatch(row)
    if not match or match[1] not in THINGS or max(float(match[2]), float(match[3])) > SQUARES:
        raise FigureError(f"Give “symbol x y”, with one of {', '.join(THINGS)} and places from 0 to 10, not “{row}”.")
    return Thing(match[1], float(match[2]), float(match[3]))


def _draw(things: list[Thing]) -> str:
    width = SQUARES * SIDE + 2 * EDGE
    placed = (
        moved(THINGS[thing.name][0], EDGE + thing.x * SIDE, EDGE + (SQUARES - thing.y) * SIDE) for thing in things
    )
    return canvas(width + 24, width + 24, _grid(), _north(width), _scale(width), *placed) + _legend(things)


def _grid() -> str:
    end = EDGE + SQUARES * SIDE
    places = [EDGE + SIDE * index for index in range(SQUARES + 1)]
    levels = "".join(lines((EDGE, place), (end, place), line="faint", stroke_width=1) for place in places)
    return levels + "".join(lines((place, EDGE), (place, end), line="faint", stroke_width=1) for place in places)


def _north(width: float) -> str:
    return arrow((width + 6, 66), (width + 6, 34), head=10) + label(width + 6, 20, "N", size=16)


def _scale(width: float) -> str:
    y = width + 4
    bar = (
        lines((EDGE, y - 4), (EDGE, y + 4))
        + lines((EDGE, y), (EDGE + SIDE, y))
        + lines((EDGE + SIDE, y - 4), (EDGE + SIDE, y + 4))
    )
    return bar + label(EDGE + SIDE + 32, y, "100 m", size=14)


def _legend(things: list[Thing]) -> str:
    names = dict.fromkeys(thing.name for thing in things)
    return f'<span class="figure-legend">{"".join(map(_entry, names))}</span>'


def _entry(name: str) -> str:
    drawing, word = THINGS[name]
    return f"<span>{canvas(28, 28, moved(drawing, 14, 14))} {escape(_(word))}</span>"


def _describe(things: list[Thing]) -> str:
    seen = "; ".join(_place(thing) for thing in things)
    return _("Sketch of a map, 1 km wide and high. North is up. Counted from its lower left corner: {things}.").format(
        things=seen
    )


def _place(thing: Thing) -> str:
    east, north = int(thing.x * 100), int(thing.y * 100)
    return _("{thing}: {east} m east, {north} m north").format(thing=_(THINGS[thing.name][1]), east=east, north=north)


FIGURE = Figure(_read, _draw, _describe)
