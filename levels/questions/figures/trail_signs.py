"""Signs that scouts leave on a trail."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .drawing import arrow, canvas, circle, label, lines, path, rectangle, wave
from .kinds import Figure, one_of


@dataclass(frozen=True)
class Sign:
    drawing: str
    seen: str


TRIANGLE = lines((60, 16), (106, 100), (14, 100), close=True)

SIGNS = {
    "straight-on": Sign(arrow((60, 104), (60, 16), head=24), gettext_noop("an arrow that points up")),
    "turn-left": Sign(
        arrow((84, 106), (84, 44), (20, 44), head=22),
        gettext_noop("an arrow that goes up and then bends to the left"),
    ),
    "turn-right": Sign(
        arrow((36, 106), (36, 44), (100, 44), head=22),
        gettext_noop("an arrow that goes up and then bends to the right"),
    ),
    "do-not-pass": Sign(
        lines((22, 22), (98, 98)) + lines((98, 22), (22, 98)), gettext_noop("two strokes that cross like an X")
    ),
    "wait": Sign(
        rectangle(10, 26, 100, 68) + rectangle(36, 44, 48, 32), gettext_noop("a rectangle with a smaller one inside")
    ),
    "split-up": Sign(
        arrow((60, 106), (60, 66), (24, 22), head=20) + arrow((60, 66), (96, 22), head=20),
        gettext_noop("a line that forks into two arrows, one to the upper left and one to the upper right"),
    ),
    "water": Sign(
        path("M 8 60 A 52 36 0 1 1 112 60 A 52 36 0 1 1 8 60 Z") + wave(30, 60, 60, height=8),
        gettext_noop("an oval with a wavy line inside"),
    ),
    "bad-water": Sign(TRIANGLE + wave(36, 78, 48, height=7), gettext_noop("a triangle with a wavy line inside")),
    "message-hidden": Sign(
        rectangle(14, 50, 60, 48) + label(44, 74, 3, size=34) + arrow((74, 50), (108, 16), head=18),
        gettext_noop("a rectangle with the number 3 inside and an arrow that leads away from its corner"),
    ),
    "return-home": Sign(
        circle(60, 60, 46) + circle(60, 60, 13), gettext_noop("a circle with a small circle in its middle")
    ),
    "danger": Sign(TRIANGLE, gettext_noop("an empty triangle")),
    "obstacle": Sign(
        arrow((8, 60), (112, 60), head=22) + lines((46, 34), (46, 86)) + lines((64, 34), (64, 86)),
        gettext_noop("an arrow to the right with two upright strokes across its middle"),
    ),
    "camp": Sign(
        lines((60, 8), (104, 82), (16, 82), close=True)
        + lines((60, 40), (78, 71), (42, 71), close=True)
        + arrow((22, 104), (98, 104), head=18),
        gettext_noop("a triangle with a smaller one inside, and below it an arrow to the right"),
    ),
    "run": Sign(
        arrow((8, 60), (112, 60), head=24) + lines((70, 46), (88, 60), (70, 74)),
        gettext_noop("an arrow to the right with two heads, one behind the other"),
    ),
    "walk-slowly": Sign(
        wave(8, 60, 76, height=10, waves=3) + arrow((84, 60), (112, 60), head=22),
        gettext_noop("an arrow to the right with a wavy shaft"),
    ),
}


def _draw(name: str) -> str:
    return canvas(120, 120, f'<g stroke-width="6">{SIGNS[name].drawing}</g>', scale=0.9)


def _describe(name: str) -> str:
    return _("Sign on the ground: {sign}.").format(sign=_(SIGNS[name].seen))


FIGURE = Figure(one_of(SIGNS), _draw, _describe)
