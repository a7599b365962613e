import re

import pytest

from levels.questions.figures import figure_html, figure_text

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Letter by letter: the sides of its place in the key (top, right, bottom, left) or where its angle has the point; dots.
KEYS = {
    "kotak-1": """RB0 RB1 LRB0 LRB1 LB0 LB1 TRB0 TRB1 TRBL0 TRBL1 TLB0 TLB1 TR0 TR1 TLR0 TLR1 TL0 TL1
        bottom0 bottom1 right0 right1 left0 left1 top0 top1""",
    "kotak-2": """RB0 RB1 RB2 LRB0 LRB1 LRB2 LB0 LB1 LB2 TRB0 TRB1 TRB2 TRBL0 TRBL1 TRBL2 TLB0 TLB1 TLB2
        TR0 TR1 TR2 TLR0 TLR1 TLR2 TL0 TL1""",
    "kotak-3": """RB0 LRB0 LB0 TRB0 TRBL0 TLB0 TR0 TLR0 TL0 RB1 LRB1 LB1 TRB1 TRBL1 TLB1 TR1 TLR1 TL1
        RB2 LRB2 LB2 TRB2 TRBL2 TLB2 TR2 TLR2""",
}
CASES = [
    (key, letter, cell) for key, table in KEYS.items() for letter, cell in zip(LETTERS, table.split(), strict=True)
]
IN_WORDS = {"T": "above", "R": "on the right", "B": "below", "L": "on the left"}
SIDES = {("x", 10): "L", ("x", 50): "R", ("y", 10): "T", ("y", 50): "B"}


def seen_in(html):
    """The sides that are drawn, or where the point of an angle is, and how many dots there are."""
    steps = re.search(r' d="([^"]+)"', html)[1]
    return (angle_in(steps) if "L" in steps else sides_in(steps)), html.count("<circle")


def sides_in(steps):
    x = y = start = None
    sides = set()
    for command, numbers in re.findall(r"([MHVZ])([ \d.]*)", steps):
        before, values = (x, y), [float(value) for value in numbers.split()]
        match command:
            case "M":
                (x, y) = start = values
                continue
            case "H":
                x = values[0]
            case "V":
                y = values[0]
            case "Z":
                x, y = start
        sides.add(SIDES["y", y] if x != before[0] else SIDES["x", x])
    return sides


def angle_in(steps):
    (x1, y1), (x, y), (x2, _) = [tuple(map(float, pair.split())) for pair in re.findall(r"[\d.]+ [\d.]+", steps)]
    if x1 == x2:
        return "right" if x > x1 else "left"
    return "bottom" if y > y1 else "top"


@pytest.mark.parametrize(("key", "letter", "cell"), CASES)
def test_a_letter_is_drawn_as_in_the_key(key, letter, cell):
    place, dots = cell[:-1], int(cell[-1])
    assert seen_in(figure_html(key, letter)) == (set(place) if place.isupper() else place, dots)


@pytest.mark.parametrize(("key", "letter", "cell"), CASES)
def test_a_letter_is_described_as_in_the_key(key, letter, cell):
    text, place = figure_text(key, letter), cell[:-1]
    assert text.endswith({"0": ", no dot.]", "1": ", one dot.]", "2": ", two dots.]"}[cell[-1]])
    if place == "TRBL":
        assert "a closed square" in text
    elif place.isupper():
        assert {side for side, words in IN_WORDS.items() if words in text} == set(place)
    else:
        assert re.search(rf"its point (?:on|at) the {place},", text)
