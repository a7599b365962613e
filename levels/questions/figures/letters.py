"""Messages that a figure shows letter by letter."""

import re
from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from .kinds import FigureError

LETTERS, LETTERS_AND_DIGITS = "A to Z", "A to Z, 0 to 9"
_NOT_IN = {LETTERS: re.compile("[^A-Za-z]"), LETTERS_AND_DIGITS: re.compile("[^A-Za-z0-9]")}


def reader(allowed: str, *, most: int) -> Callable[[str], list[str]]:
    """Reads the words of a message, in capitals."""

    def read(source: str) -> list[str]:
        words = source.split()
        if wrong := _NOT_IN[allowed].search("".join(words)):
            raise FigureError(f"Give {allowed} and spaces, not “{wrong[0]}”.")
        if not 1 <= sum(map(len, words)) <= most:
            raise FigureError(f"Give 1 to {most} characters, without counting spaces.")
        return [word.upper() for word in words]

    return read


def numbered(words: Iterable[Iterable[str]]) -> str:
    """What is seen of each letter: “1: …; 2: ….”; several words have numbers, too."""
    rows = [_row(list(letters)) for letters in words]
    if len(rows) == 1:
        return f"{rows[0]}."
    return " ".join(
        _("Word {number}: {letters}.").format(number=index, letters=row) for index, row in enumerate(rows, 1)
    )


def _row(letters: list[str]) -> str:
    if len(letters) == 1:
        return letters[0]
    return "; ".join(f"{index}: {letter}" for index, letter in enumerate(letters, 1))
