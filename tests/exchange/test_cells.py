import pytest

from exchange.cells import guarded, restored

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\ufeff=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "'=1",
    "''-1",
    '=HYPERLINK("https://example.test","x")',
    "=cmd|'/c calc'!A1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe_and_loses_it_again(text):
    assert guarded(text) == f"'{text}"
    assert restored(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "plain", "a=b", "'quoted'", "1-2", "'", "it's"])
def test_other_texts_stay_as_they_are(text):
    assert guarded(text) == restored(text) == text
