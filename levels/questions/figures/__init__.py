"""Figures that the server draws: fenced blocks of a question's Markdown whose info string is the name of a figure.

Each is drawn as SVG and described in words for those who cannot see it. Neither tells what it means, nor what was
written in the block, which is often the answer.
"""

from collections.abc import Iterable
from typing import Any

from . import bearing, box_ciphers, contours, map_symbols, morse, pole_lashings, semaphore, sketch_map, trail_signs
from .kinds import Figure, FigureError

__all__ = ["FIGURES", "FigureError", "check_figures", "figure_html", "figure_text"]

FIGURES: dict[str, Figure[Any]] = {
    "semaphore": semaphore.FIGURE,
    "morse": morse.FIGURE,
    **box_ciphers.FIGURES,
    "bearing": bearing.FIGURE,
    "trail-sign": trail_signs.FIGURE,
    "map-symbol": map_symbols.FIGURE,
    "contours": contours.FIGURE,
    "pole-lashing": pole_lashings.FIGURE,
    "sketch-map": sketch_map.FIGURE,
}
MAX_FIGURES = 10


def figure_html(name: str, source: str) -> str | None:
    """None if it is no figure, or one that was stored without being checked."""
    try:
        return FIGURES[name].html(source)
    except (KeyError, FigureError):
        return None


def figure_text(name: str, source: str) -> str | None:
    try:
        return FIGURES[name].text(source)
    except (KeyError, FigureError):
        return None


def check_figures(blocks: Iterable[tuple[str, str]]) -> None:
    """Of a text, by info string and content. Raises FigureError."""
    figures = [(name, source) for name, source in blocks if name in FIGURES]
    if len(figures) > MAX_FIGURES:
        raise FigureError(f"A text has at most {MAX_FIGURES} figures.")
    for name, source in figures:
        try:
            FIGURES[name].read(source)
        except FigureError as error:
            raise FigureError(f"Figure “{name}”: {error}") from error
