"""Small drawings of things on maps, each around (0, 0), 12 to each side."""

from .drawing import circle, lines, path, rectangle

BUILDING = rectangle(-9, -2, 18, 13, fill="ink")
MOSQUE = (
    BUILDING
    + path("M -9 -2 C -9 -10 9 -10 9 -2 Z", fill="ink")
    + path("M 1.5 -13 A 3 3 0 1 0 3 -9.5 A 2.4 2.4 0 1 1 1.5 -13 Z", fill="ink")
)
CHURCH = BUILDING + lines((0, -12), (0, -2), stroke_width=2.4) + lines((-4, -8.5), (4, -8.5), stroke_width=2.4)
SCHOOL = (
    BUILDING + lines((-7, -2), (-7, -13), stroke_width=2) + lines((-6, -13), (5, -10), (-6, -7), close=True, fill="red")
)
BRIDGE = path("M -11 -8 L -7 -4 H 7 L 11 -8", stroke_width=2.4) + path("M -11 8 L -7 4 H 7 L 11 8", stroke_width=2.4)
HOUSE = lines((-11, 0), (0, -10), (11, 0), fill="red", close=True) + rectangle(-8, 0, 16, 11, fill="ink")
TREE = rectangle(-1.8, 3, 3.6, 9, fill="soft") + circle(0, -3, 8, fill="green")
WELL = circle(0, 0, 9, line="blue", stroke_width=3) + circle(0, 0, 3.5, fill="blue")
TENT = lines((0, -10), (12, 10), (-12, 10), close=True, fill="gold", line="ink", stroke_width=1.6) + lines(
    (0, -2), (4.5, 10), (-4.5, 10), close=True, fill="card"
)
HILL = path("M -12 10 L -3 -9 L 2 0 L 5 -5 L 12 10 Z", fill="soft")
PIN = path("M 0 12 C -3 6 -8 2 -8 -4 A 8 8 0 1 1 8 -4 C 8 2 3 6 0 12 Z", fill="red") + circle(0, -4, 3, fill="card")
