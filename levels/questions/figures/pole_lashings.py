"""Poles as they stand to each other before they are tied. A ring shows where the rope comes."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .drawing import Point, canvas, circle, lines
from .kinds import Figure, one_of


@dataclass(frozen=True)
class Poles:
    ends: list[tuple[Point, Point]]
    joint: Point
    seen: str


POLES = {
    "square": Poles(
        [((80, 12), (80, 148)), ((12, 66), (148, 66))],
        (80, 66),
        gettext_noop("one pole stands upright, another lies level across it; they make right angles"),
    ),
    "diagonal": Poles(
        [((22, 22), (138, 138)), ((138, 22), (22, 138))],
        (80, 80),
        gettext_noop("two slanting poles cross in their middle, like the strokes of an X"),
    ),
    "shear": Poles(
        [((70, 12), (124, 148)), ((90, 12), (36, 148))],
        (80, 37),
        gettext_noop("two poles cross near their upper ends, and their feet stand apart"),
    ),
    "tripod": Poles(
        [((66, 12), (134, 138)), ((80, 10), (80, 150)), ((94, 12), (26, 138))],
        (80, 38),
        gettext_noop("three poles cross near their upper ends, and their feet stand apart"),
    ),
}


def _draw(name: str) -> str:
    poles = POLES[name]
    ring = circle(*poles.joint, 24, line="red", stroke_dasharray="1 7", stroke_width=3.5)
    return canvas(160, 160, *(_pole(*ends) for ends in poles.ends), ring)


def _pole(start: Point, end: Point) -> str:
    return lines(start, end, stroke_width=13) + lines(start, end, line="wood", stroke_width=9)


def _describe(name: str) -> str:
    return _("Poles: {poles}. A dotted ring around the place where they cross shows where the rope comes.").format(
        poles=_(POLES[name].seen)
    )


FIGURE = Figure(one_of(POLES), _draw, _describe)
