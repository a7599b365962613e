import pytest

from exchange.cells import guarded, restored
from tests.exchange.formulas import FORMULAS, is_formula


def test_formulas_are_detected():
    """Otherwise the tests of files would prove nothing."""
    assert [text for text in FORMULAS if not is_formula(text)] == ["+1", "-1", "'=1", "''-1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe_and_loses_it_again(text):
    assert guarded(text) == f"'{text}"
    assert not is_formula(guarded(text))
    assert restored(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "plain", "a=b", "'quoted'", "1-2", "'", "it's"])
def test_other_texts_stay_as_they_are(text):
    assert guarded(text) == restored(text) == text
