import re
from math import atan2, pi

import pytest

from levels.questions.figures import figure_html, figure_text

# As tables for signallers give it: the left hand, the right hand.
ALPHABET = """
A down low|B down out|C down high|D up down|E high down|F out down|G low down|H across-low out|I across-low high
J out up|K up low|L high low|M out low|N low low|O across-high out|P up out|Q high out|R out out|S low out
T up high|U high high|V low up|W out across-high|X low across-high|Y out high|Z out across-low
""".replace("\n", "|").strip("|")
# In degrees clockwise from straight up, for somebody who looks at the signaller.
LEFT = {"up": 0, "high": 45, "out": 90, "low": 135, "down": 180, "across-low": 225, "across-high": 315}
RIGHT = {name: (360 - degrees) % 360 for name, degrees in LEFT.items()}
IN_WORDS = {
    0: "straight up",
    45: "to the upper right",
    90: "straight to the right",
    135: "to the lower right",
    180: "straight down",
    225: "to the lower left",
    270: "straight to the left",
    315: "to the upper left",
}
LETTERS = [(entry[0], *entry[2:].split()) for entry in ALPHABET.split("|")]


def arms_of(html):
    """The directions of the two lines from shoulder to hand."""
    arms = re.findall(r'd="M ([\d.]+) ([\d.]+) L ([\d.]+) ([\d.]+)" stroke-width="5"', html)
    points = [tuple(map(float, arm)) for arm in arms]
    return {round(atan2(x2 - x1, y1 - y2) * 180 / pi) % 360 for x1, y1, x2, y2 in points}


def test_the_table_has_every_letter():
    assert "".join(letter for letter, _, _ in LETTERS) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(("letter", "left", "right"), LETTERS)
def test_both_arms_of_a_letter_are_drawn_and_described_as_in_the_table(letter, left, right):
    expected = {LEFT[left], RIGHT[right]}
    assert arms_of(figure_html("semaphore", letter)) == expected
    described = re.findall(r"(?:one arm|the other) ([a-z ]+)", figure_text("semaphore", letter))
    assert sorted(described) == sorted(IN_WORDS[degrees] for degrees in expected)


def test_a_message_is_described_letter_by_letter_and_word_by_word():
    assert figure_text("semaphore", "a").endswith(
        "As you look at them: one arm straight down, the other to the lower left.]"
    )
    text = figure_text("semaphore", "ab\nc")
    assert "Word 1: 1: one arm straight down, the other to the lower left; 2: one arm straight down" in text
    assert "Word 2: one arm straight down, the other to the upper left." in text


def test_words_have_rows_of_their_own():
    html = figure_html("semaphore", "ab c")
    assert [row.count("<svg") for row in html.split("figure-word")[1:]] == [2, 1]
