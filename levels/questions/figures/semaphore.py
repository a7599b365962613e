"""Letters of the semaphore alphabet: people with two flags, seen from the front."""

from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .drawing import Point, canvas, circle, lines, path, towards, word
from .kinds import Figure
from .letters import LETTERS, numbered, reader

# Directions of an arm as one sees it, clockwise, beginning with straight down.
DIRECTIONS = [
    gettext_noop("straight down"),
    gettext_noop("to the lower left"),
    gettext_noop("straight to the left"),
    gettext_noop("to the upper left"),
    gettext_noop("straight up"),
    gettext_noop("to the upper right"),
    gettext_noop("straight to the right"),
    gettext_noop("to the lower right"),
]
# The arm on the left, as one sees it, and the one on the right: their places in DIRECTIONS.
ARMS = {
    "A": (1, 0), "B": (2, 0), "C": (3, 0), "D": (4, 0), "E": (0, 5), "F": (0, 6), "G": (0, 7),
    "H": (2, 1), "I": (3, 1), "J": (4, 6), "K": (1, 4), "L": (1, 5), "M": (1, 6), "N": (1, 7),
    "O": (2, 3), "P": (2, 4), "Q": (2, 5), "R": (2, 6), "S": (2, 7), "T": (3, 4), "U": (3, 5),
    "V": (4, 7), "W": (5, 6), "X": (5, 7), "Y": (3, 6), "Z": (7, 6),
}  # fmt: skip
ARM, FLAG = 25, 17  # how long they are


def _draw(words: list[str]) -> str:
    return "".join(word(*map(_person, letters)) for letters in words)


@cache
def _person(letter: str) -> str:
    left, right = ARMS[letter]
    return canvas(
        104,
        108,
        path("M 45 42 H 59 L 61 70 H 43 Z", fill="soft"),
        lines((48, 70), (47, 102), line="soft", stroke_width=6),
        lines((56, 70), (57, 102), line="soft", stroke_width=6),
        circle(52, 28, 9, fill="soft"),
        lines((45, 41), (59, 41), (52, 52), close=True, fill="red"),
        _arm((47, 46), left, right, tie=1),
        _arm((57, 46), right, left, tie=-1),
        scale=0.8,
        style="figure-person",
    )


def _arm(shoulder: Point, direction: int, other: int, *, tie: int) -> str:
    """The cloth is on the side that is away from the other arm, so that two flags never cover each other."""
    apart = (other - direction) % 8
    side = tie if apart == 4 else -1 if apart < 4 else 1
    degrees = 180 + 45 * direction
    hand, tip = towards(*shoulder, ARM, degrees), towards(*shoulder, ARM + FLAG, degrees)
    corner, far = towards(*hand, FLAG, degrees + 90 * side), towards(*tip, FLAG, degrees + 90 * side)
    return (
        lines(tip, hand, far, close=True, fill="red")
        + lines(hand, corner, far, close=True, fill="gold")
        + lines(hand, corner, far, tip, close=True, stroke_width=1.5)
        + lines(shoulder, hand, stroke_width=5)
        + lines(hand, tip, stroke_width=2.5)
    )


def _describe(words: list[str]) -> str:
    seen = numbered([_seen(letter) for letter in letters] for letters in words)
    return _("Somebody holds two flags in outstretched arms. As you look at them: {letters}").format(letters=seen)


def _seen(letter: str) -> str:
    first, second = sorted(ARMS[letter])
    return _("one arm {first}, the other {second}").format(first=_(DIRECTIONS[first]), second=_(DIRECTIONS[second]))


FIGURE = Figure(reader(LETTERS, most=12), _draw, _describe)
