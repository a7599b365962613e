import re

import pytest

from levels.questions.figures import figure_html, figure_text

# ITU-R M.1677 as a tree, row by row: a dot leads to the left, a dash to the right. `_` is no letter of A to Z.
TREE = "ET IANM SURWDKGO HVF_L_PJBXCYZQ__"


def codes():
    for row in TREE.split():
        depth = len(row).bit_length() - 1
        for index, letter in enumerate(row):
            yield letter, f"{index:0{depth}b}".replace("0", ".").replace("1", "-")
    for digit in range(10):
        yield str(digit), "." * digit + "-" * (5 - digit) if digit <= 5 else "-" * (digit - 5) + "." * (10 - digit)


CODES = [(letter, code) for letter, code in codes() if letter != "_"]


def signals_of(html):
    """What is drawn, from left to right."""
    shapes = re.findall(r'<(circle|rect) c?x="([\d.]+)"', html)
    ordered = sorted(shapes, key=lambda shape: float(shape[1]))
    return "".join("." if name == "circle" else "-" for name, _ in ordered)


def test_the_tree_has_every_letter_and_digit():
    assert sorted(letter for letter, _ in CODES) == sorted("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


@pytest.mark.parametrize(("letter", "code"), CODES)
def test_a_character_is_drawn_and_described_as_in_the_standard(letter, code):
    assert signals_of(figure_html("morse", letter)) == code
    words = code.replace(".", "dot ").replace("-", "dash ").strip()
    assert figure_text("morse", letter) == f"[Dots and dashes: {words}]"


def test_letters_and_words_are_apart():
    text = figure_text("morse", "an e")
    assert text == "[Dots and dashes: dot dash, dash dot / dot]"
    assert figure_html("morse", "an e").count("<svg") == 4
