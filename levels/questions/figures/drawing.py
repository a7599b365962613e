"""SVG from numbers and fixed strings: nothing that an author wrote gets into it.

Style sheets give the classes their colours; the attributes are for clients without ours.
"""

from math import atan2, cos, pi, sin

COLOURS = {
    "ink": "currentColor",
    "red": "#b3261e",
    "gold": "#e0a526",
    "blue": "#1b588f",
    "green": "#17614f",
    "soft": "#85724f",
    "faint": "#d8ccb4",
    "wood": "#d5a86a",
    "card": "#ffffff",
}
Point = tuple[float, float]


def canvas(width: float, height: float, *parts: str, scale: float = 1, style: str = "") -> str:
    """An image that is part of a figure; only the figure has a text. `style` is a class."""
    class_ = f' class="{style}"' if style else ""
    return (
        f'<svg{class_} viewBox="0 0 {number(width)} {number(height)}" width="{number(width * scale)}" '
        f'height="{number(height * scale)}" fill="none" stroke="currentColor" stroke-width="3" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{"".join(parts)}</svg>'
    )


def word(*images: str) -> str:
    """Images in one row, as far as there is room; the next word has a row of its own."""
    return f'<span class="figure-word">{"".join(images)}</span>'


def shape(name: str, *, fill: str = "", line: str = "", **attributes: float | str) -> str:
    """A filled shape has an outline only if `line` names its colour."""
    values = {key.replace("_", "-"): value for key, value in attributes.items()}
    if fill:
        values |= {"fill": COLOURS[fill], "stroke": "none"}
    if line:
        values["stroke"] = COLOURS[line]
    if classes := [f"{what}-{colour}" for what, colour in (("fill", fill), ("line", line)) if colour]:
        values["class"] = " ".join(classes)
    written = (f'{key}="{value if isinstance(value, str) else number(value)}"' for key, value in values.items())
    return f"<{name} {' '.join(written)}/>"


def path(*steps: str | float, fill: str = "", line: str = "", **attributes: float | str) -> str:
    d = " ".join(step if isinstance(step, str) else number(step) for step in steps)
    return shape("path", d=d, fill=fill, line=line, **attributes)


def lines(*points: Point, close: bool = False, fill: str = "", line: str = "", **attributes: float | str) -> str:
    """A line from point to point."""
    (x, y), *rest = points
    steps = [step for point in rest for step in ("L", *point)]
    return path("M", x, y, *steps, *(["Z"] if close else []), fill=fill, line=line, **attributes)


def circle(x: float, y: float, radius: float, *, fill: str = "", line: str = "", **attributes: float | str) -> str:
    return shape("circle", cx=x, cy=y, r=radius, fill=fill, line=line, **attributes)


def rectangle(
    x: float, y: float, width: float, height: float, *, fill: str = "", line: str = "", round_: float = 0
) -> str:
    return shape("rect", x=x, y=y, width=width, height=height, rx=round_, fill=fill, line=line)


def arrow(*points: Point, head: float = 12, line: str = "") -> str:
    """Along the points; its head is at the last."""
    (x0, y0), (x, y) = points[-2:]
    angle = atan2(y - y0, x - x0)
    barbs = [(x - head * cos(angle + turn), y - head * sin(angle + turn)) for turn in (-pi / 5, pi / 5)]
    return lines(*points, line=line) + lines(barbs[0], (x, y), barbs[1], line=line)


def wave(x: float, y: float, length: float, *, height: float = 6, waves: int = 2, line: str = "") -> str:
    step = length / waves / 2
    depths = [2 * height, -2 * height] * waves
    curves = [f"q {number(step / 2)} {number(depth)} {number(step)} 0" for depth in depths]
    return path("M", x, y, *curves, line=line)


def label(x: float, y: float, text: int | str, *, size: float = 13) -> str:
    """A number, or a letter of a compass, centred."""
    return (
        f'<text x="{number(x)}" y="{number(y + size * 0.35)}" font-size="{number(size)}" font-family="sans-serif" '
        f'font-weight="600" text-anchor="middle" fill="currentColor" stroke="none">{text}</text>'
    )


def moved(drawing: str, x: float, y: float, *, scale: float = 1) -> str:
    return f'<g transform="translate({number(x)} {number(y)}) scale({scale:g})">{drawing}</g>'


def towards(x: float, y: float, distance: float, degrees: float) -> Point:
    """The point so far away, in a direction that is counted clockwise from straight up."""
    angle = degrees * pi / 180
    return x + distance * sin(angle), y - distance * cos(angle)


def number(value: float) -> str:
    return f"{round(value, 1) + 0.0:g}"
