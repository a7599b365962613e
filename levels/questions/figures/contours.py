"""Contour lines, one inside the other, with their heights."""

import re
from functools import cache
from math import cos, pi, sin

from django.utils.translation import gettext as _

from .drawing import Point, canvas, label, path, rectangle
from .kinds import Figure, FigureError

WIDTH, HEIGHT = 320, 232
LEAST, MOST = 2, 8
STEPS = 72


def _read(source: str) -> list[int]:
    texts = source.split()
    if not LEAST <= len(texts) <= MOST:
        raise FigureError(f"Give {LEAST} to {MOST} heights, not {len(texts)}.")
    for text in texts:
        if not re.fullmatch("[0-9]{1,4}", text):
            raise FigureError(f"A height is a whole number from 0 to 9999, not “{text}”.")
    return [int(text) for text in texts]


def _draw(heights: list[int]) -> str:
    rings = [_ring(_size(index, len(heights))) for index in range(len(heights))]
    labels = [_height(height, index, len(heights)) for index, height in enumerate(heights)]
    return canvas(WIDTH, HEIGHT, *rings, *labels)


def _size(index: int, total: int) -> float:
    return 1 - 0.82 * index / (total - 1)


@cache
def _ring(size: float) -> str:
    """Layers of a thin colour: the further inside, the darker."""
    first, *rest = [_point(size, 2 * pi * step / STEPS) for step in range(STEPS)]
    steps = [step for point in rest for step in ("L", *point)]
    return path("M", *first, *steps, "Z", fill="green", line="soft", stroke_width=2, fill_opacity="0.12")


def _point(size: float, angle: float) -> Point:
    """On a ring that is not quite an ellipse."""
    radius = size * (1 + 0.06 * sin(2 * angle + 1) + 0.05 * sin(3 * angle))
    return WIDTH / 2 + 138 * radius * cos(angle), HEIGHT / 2 + 100 * radius * sin(angle)


def _height(height: int, index: int, total: int) -> str:
    """By turns below and above, where there is room between the lines."""
    x, y = _point(_size(index, total), pi / 2 if index % 2 else -pi / 2)
    width = 9 * len(str(height)) + 6
    return rectangle(x - width / 2, y - 8, width, 16, fill="card", round_=4) + label(x, y, height)


def _describe(heights: list[int]) -> str:
    return _(
        "Closed contour lines, one inside the other. From the outside to the inside they are marked {heights}."
    ).format(heights=", ".join(map(str, heights)))


FIGURE = Figure(_read, _draw, _describe)
