"""A compass rose with an arrow."""

import re

from django.utils.translation import gettext as _

from .drawing import arrow, canvas, circle, label, lines, towards
from .kinds import Figure, FigureError

CENTRE, RADIUS = 140, 104


def _read(source: str) -> int:
    text = source.strip()
    if not re.fullmatch("[0-9]{1,3}", text) or int(text) > 359:
        raise FigureError(f"Give a whole number from 0 to 359, not “{text}”.")
    return int(text)


def _draw(degrees: int) -> str:
    return canvas(
        2 * CENTRE,
        2 * CENTRE,
        circle(CENTRE, CENTRE, RADIUS, fill="card", line="ink"),
        *map(_mark, range(0, 360, 10)),
        label(*towards(CENTRE, CENTRE, RADIUS + 18, 0), "N", size=20),
        *(label(*towards(CENTRE, CENTRE, RADIUS + 18, mark), mark) for mark in range(30, 360, 30)),
        arrow((CENTRE, CENTRE), towards(CENTRE, CENTRE, RADIUS - 22, degrees), head=18, line="red"),
        circle(CENTRE, CENTRE, 5, fill="ink"),
    )


def _mark(degrees: int) -> str:
    length = 7 if degrees % 30 else 14
    inner, outer = (towards(CENTRE, CENTRE, radius, degrees) for radius in (RADIUS - length, RADIUS))
    return lines(inner, outer, stroke_width=1.5 if degrees % 30 else 3)


def _describe(degrees: int) -> str:
    """By counting marks, as those do who see it."""
    rose = _("Compass rose with N at the top and a mark every 10 degrees, counted clockwise from N.")
    return f"{rose} {_where(*divmod(degrees, 10))}"


def _where(mark: int, further: int) -> str:
    if further == 0:
        return _("The arrow points at {mark}.").format(mark=_name(mark))
    between = _("The arrow points between {first} and {second}, {tenths} tenths of the way.")
    return between.format(first=_name(mark), second=_name(mark + 1), tenths=further)


def _name(mark: int) -> str:
    return _("mark {number}").format(number=mark) if mark % 36 else "N"


FIGURE = Figure(_read, _draw, _describe)
