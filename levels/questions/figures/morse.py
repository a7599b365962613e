"""Morse code (ITU-R M.1677): dots and dashes. Between words there is a stroke."""

from functools import cache

from django.utils.translation import gettext as _

from .drawing import canvas, circle, lines, rectangle
from .kinds import Figure
from .letters import LETTERS_AND_DIGITS, reader

SIGNALS = {
    "A": ".-", "B": "-...", "C": "-.-.", "D": "-..", "E": ".", "F": "..-.", "G": "--.", "H": "....", "I": "..",
    "J": ".---", "K": "-.-", "L": ".-..", "M": "--", "N": "-.", "O": "---", "P": ".--.", "Q": "--.-", "R": ".-.",
    "S": "...", "T": "-", "U": "..-", "V": "...-", "W": ".--", "X": "-..-", "Y": "-.--", "Z": "--..",
    "1": ".----", "2": "..---", "3": "...--", "4": "....-", "5": ".....",
    "6": "-....", "7": "--...", "8": "---..", "9": "----.", "0": "-----",
}  # fmt: skip
UNIT, GAP, EDGE = 8, 5, 10


def _draw(words: list[str]) -> str:
    return _stroke().join("".join(map(_character, letters)) for letters in words)


@cache
def _character(character: str) -> str:
    parts, x = [], float(EDGE)
    for signal in SIGNALS[character]:
        length = UNIT if signal == "." else 3 * UNIT
        dot = circle(x + UNIT / 2, 14, UNIT / 2, fill="ink")
        parts.append(dot if signal == "." else rectangle(x, 10, length, UNIT, fill="ink", round_=1.5))
        x += length + GAP
    return canvas(x - GAP + EDGE, 28, *parts, style="figure-chip")


def _stroke() -> str:
    return canvas(18, 28, lines((4, 26), (14, 2), line="soft"))


def _describe(words: list[str]) -> str:
    return _("Dots and dashes: {signals}").format(signals=" / ".join(map(_seen, words)))


def _seen(letters: str) -> str:
    names = {".": _("dot"), "-": _("dash")}
    return ", ".join(" ".join(names[signal] for signal in SIGNALS[character]) for character in letters)


FIGURE = Figure(reader(LETTERS_AND_DIGITS, most=20), _draw, _describe)
