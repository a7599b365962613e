"""Box ciphers (Sandi Kotak): a letter is the lines around its place in a key, and some dots."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .drawing import canvas, circle, path, word
from .kinds import Figure
from .letters import LETTERS, numbered, reader


@dataclass(frozen=True)
class Place:
    """Of a key. The dots stand around (x, y)."""

    lines: str
    seen: str
    x: float = 30
    y: float = 30


# The nine places between two upright and two level lines, row by row.
GRID = [
    Place("M 50 10 V 50 H 10", gettext_noop("lines on the right and below")),
    Place("M 10 10 V 50 H 50 V 10", gettext_noop("lines on the left, on the right and below")),
    Place("M 10 10 V 50 H 50", gettext_noop("lines on the left and below")),
    Place("M 10 10 H 50 V 50 H 10", gettext_noop("lines above, on the right and below")),
    Place("M 10 10 H 50 V 50 H 10 Z", gettext_noop("a closed square")),
    Place("M 50 10 H 10 V 50 H 50", gettext_noop("lines above, on the left and below")),
    Place("M 10 10 H 50 V 50", gettext_noop("lines above and on the right")),
    Place("M 10 50 V 10 H 50 V 50", gettext_noop("lines above, on the left and on the right")),
    Place("M 10 50 V 10 H 50", gettext_noop("lines above and on the left")),
]
# The four places of two crossing lines.
TOP = Place("M 8 12 L 30 50 L 52 12", gettext_noop("an angle with its point at the bottom"), y=23)
LEFT = Place("M 12 8 L 50 30 L 12 52", gettext_noop("an angle with its point on the right"), x=23)
RIGHT = Place("M 48 8 L 10 30 L 48 52", gettext_noop("an angle with its point on the left"), x=37)
BOTTOM = Place("M 8 48 L 30 10 L 52 48", gettext_noop("an angle with its point at the top"), y=37)

DOTS = [gettext_noop("{lines}, no dot"), gettext_noop("{lines}, one dot"), gettext_noop("{lines}, two dots")]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
Key = dict[str, tuple[Place, int]]


def _in_turn(places: list[Place], letters_each: int) -> Iterator[tuple[Place, int]]:
    """The letters of a place follow each other; each has one dot more."""
    return ((place, dots) for place in places for dots in range(letters_each))


KEYS: dict[str, Key] = {
    "kotak-1": dict(zip(ALPHABET, _in_turn([*GRID, TOP, LEFT, RIGHT, BOTTOM], 2), strict=True)),
    "kotak-2": dict(zip(ALPHABET, _in_turn(GRID, 3), strict=False)),
    # Three grids with a letter in each place: without a dot, with one, with two.
    "kotak-3": {letter: (GRID[index % 9], index // 9) for index, letter in enumerate(ALPHABET)},
}


def _figure(key: Key) -> Figure[list[str]]:
    return Figure(reader(LETTERS, most=15), _drawing(key), _description(key))


def _drawing(key: Key) -> Callable[[list[str]], str]:
    return lambda words: "".join(word(*(_cell(*key[letter]) for letter in letters)) for letters in words)


@cache
def _cell(place: Place, dots: int) -> str:
    shifts = {0: (), 1: (0,), 2: (-7, 7)}[dots]
    return canvas(
        60,
        60,
        path(place.lines, stroke_width=4),
        *(circle(place.x + shift, place.y, 4, fill="red") for shift in shifts),
        scale=0.8,
    )


def _description(key: Key) -> Callable[[list[str]], str]:
    def describe(words: list[str]) -> str:
        seen = numbered([_seen(*key[letter]) for letter in letters] for letters in words)
        return _("Characters made of lines and dots: {letters}").format(letters=seen)

    return describe


def _seen(place: Place, dots: int) -> str:
    return _(DOTS[dots]).format(lines=_(place.seen))


FIGURES = {name: _figure(key) for name, key in KEYS.items()}
