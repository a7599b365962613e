"""What stops an import, and what is wrong with single lines."""

from dataclasses import dataclass


class InputError(Exception):
    """The file, the mapping or an option cannot be used at all; the message is for staff."""


class BadValueError(ValueError):
    """One value cannot be used; the message says what it has to be."""


class BadRowError(ValueError):
    """A line cannot be read as a row."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a line. It is not imported, or with `is_warning` without the part that is named."""

    line: int
    kind: str
    message: str
    is_warning: bool = False

    def __str__(self) -> str:
        word = "warning" if self.is_warning else "problem"
        return f"line {self.line}: {word}: {self.kind + ': ' if self.kind else ''}{self.message}"
