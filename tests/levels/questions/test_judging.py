import pytest

from levels.questions.judging import InvalidAnswer, UnknownChoice, is_right, read_answer
from levels.questions.presenting import correct_answer, present

from .examples import (
    EVERY_KIND,
    MATCHING,
    MULTIPLE,
    NUMBER,
    ORDERING,
    SHORT_TEXT,
    SINGLE,
    TRUE_FALSE,
    ids_of,
    question,
)


def ids(fields, name="choices"):
    return ids_of(present(question(fields), "seed"), name)


def test_a_wrong_answer_of_each_kind_with_choices_is_wrong():
    single, several, order = ids(SINGLE), ids(MULTIPLE), ids(ORDERING)
    assert not is_right(question(TRUE_FALSE), False)
    assert not is_right(question(SINGLE), single["Rome"])
    assert not is_right(question(MULTIPLE), [several["2"]])
    assert not is_right(question(MULTIPLE), list(several.values()))
    assert not is_right(question(ORDERING), [order["second"], order["first"], order["third"]])


def test_the_order_of_several_choices_does_not_matter():
    several = ids(MULTIPLE)
    one, other = [several["2"], several["3"]], [several["3"], several["2"]]
    assert is_right(question(MULTIPLE), one)
    assert read_answer(question(MULTIPLE), one) == read_answer(question(MULTIPLE), other)


def test_a_match_that_fits_twice_is_right_for_both():
    repeated = MATCHING | {"answer": [["cat", "animal"], ["dog", "animal"], ["rose", "plant"]]}
    lefts, rights = ids(repeated), ids(repeated, "matches")
    answer = {lefts["rose"]: rights["plant"], lefts["cat"]: rights["animal"], lefts["dog"]: rights["animal"]}
    assert is_right(question(repeated), answer)
    assert not is_right(question(repeated), answer | {lefts["dog"]: rights["sings"]})


@pytest.mark.parametrize(
    "answer", ["Café au lait", "  cafe\u0301  AU\tlait ", "ＣＡＦÉ au\u00a0lait", "Milk Coffee"], ids=repr
)
def test_a_text_is_right_in_any_case_spacing_and_encoding(answer):
    assert is_right(question(SHORT_TEXT), answer)


@pytest.mark.parametrize("answer", ["Cafe au lait", "Caféaulait", "milk"])
def test_another_text_is_wrong(answer):
    assert not is_right(question(SHORT_TEXT), answer)


@pytest.mark.parametrize("answer", [3.5, "3.5", "3,5", " +3.50 ", 3.25, 3.75, "3,75", "３.５"])
def test_a_number_within_the_tolerance_is_right(answer):
    assert is_right(question(NUMBER), answer)


@pytest.mark.parametrize("answer", [3.24, 3.76, 3, "-3.5", "35"])
def test_a_number_outside_of_it_is_wrong(answer):
    assert not is_right(question(NUMBER), answer)


@pytest.mark.parametrize(
    ("right", "answer"),
    [(1000, "1 000"), (-2, "−2"), (0.3, 0.1 + 0.2), (0.5, ".5"), (10**15, 10**15), (0, -0.0), (3, 3.0)],
)
def test_numbers_are_compared_by_what_they_mean(right, answer):
    assert is_right(question({"kind": "number", "answer": right}), answer)


def test_a_tolerance_is_exact():
    tenth = question({"kind": "number", "answer": 0.3, "accept": {"tolerance": 0.1}})
    assert is_right(tenth, 0.4)
    assert is_right(tenth, 0.2)
    assert not is_right(tenth, 0.40000001)


@pytest.mark.parametrize("fields", EVERY_KIND, ids=lambda fields: fields["kind"])
@pytest.mark.parametrize(
    "answer", [None, [], {}, "", " ", [[]], {"a": {}}, [None], "x" * 501, ["x"] * 1000, float("nan"), float("inf")]
)
def test_an_answer_of_another_form_is_refused(fields, answer):
    with pytest.raises((InvalidAnswer, UnknownChoice)):
        is_right(question(fields), answer)


@pytest.mark.parametrize("answer", [True, "three", "1e3", "1,000.5", "1.2.3", 10**16, "9" * 16, "0x10", "9" * 100])
def test_what_is_no_number_is_refused(answer):
    with pytest.raises(InvalidAnswer):
        is_right(question(NUMBER), answer)


def test_a_number_is_not_true():
    with pytest.raises(InvalidAnswer, match="true or false"):
        is_right(question(TRUE_FALSE), 1)


@pytest.mark.parametrize("fields", [MULTIPLE, ORDERING], ids=lambda fields: fields["kind"])
def test_a_choice_given_twice_is_refused(fields):
    first, second, _ = ids(fields).values()
    with pytest.raises(InvalidAnswer, match="twice"):
        is_right(question(fields), [first, first, second])


def test_an_incomplete_order_or_matching_is_refused():
    with pytest.raises(InvalidAnswer, match="all 3"):
        is_right(question(ORDERING), correct_answer(question(ORDERING))[:2])
    matches = correct_answer(question(MATCHING))
    matches.popitem()
    with pytest.raises(InvalidAnswer, match="each of the 3"):
        is_right(question(MATCHING), matches)


def test_a_choice_that_the_question_does_not_have_is_an_error_of_its_own():
    changed = question(SINGLE, choices=["Rome", "Oslo", "Paris"], answer="Paris")
    with pytest.raises(UnknownChoice, match="may have changed"):
        is_right(changed, correct_answer(question(SINGLE)))
    left, right = next(iter(correct_answer(question(MATCHING)).items()))
    with pytest.raises(UnknownChoice):
        is_right(question(MATCHING), {right: left})


@pytest.mark.parametrize("answer", ["1,000", "1.000", "1 000", "1000", " +1,000 "])
def test_a_large_number_may_have_thousands_separators(answer):
    assert is_right(question({"kind": "number", "answer": 1000}), answer)


@pytest.mark.parametrize("answer", ["1,125", "1.125"])
def test_a_small_number_with_three_digits_after_the_point_is_no_thousand(answer):
    assert is_right(question({"kind": "number", "answer": 1.125}), answer)
    assert not is_right(question({"kind": "number", "answer": 1125}), "1,12")
