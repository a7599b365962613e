"""What all kinds of figures have in common."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils.html import escape

Content = TypeVar("Content")


class FigureError(ValueError):
    """What an author wrote in a figure is wrong; the message says how."""


@dataclass(frozen=True)
class Figure(Generic[Content]):
    """`read` raises FigureError; `draw` makes SVG; `describe` says what is seen, in the active language."""

    read: Callable[[str], Content]
    draw: Callable[[Content], str]
    describe: Callable[[Content], str]

    def html(self, source: str) -> str:
        content = self.read(source)
        return (
            f'<div class="figure" role="img" aria-label="{escape(self.describe(content))}">{self.draw(content)}</div>'
        )

    def text(self, source: str) -> str:
        return f"[{self.describe(self.read(source))}]"


def one_of(names: Collection[str]) -> Callable[[str], str]:
    """Reads a single name."""

    def read(source: str) -> str:
        name = source.strip()
        if name not in names:
            raise FigureError(f"Give one of {', '.join(names)}, not “{name}”.")
        return name

    return read
