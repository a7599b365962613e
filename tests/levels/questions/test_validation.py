import pytest
from django.core.exceptions import ValidationError

from .examples import EVERY_KIND, MATCHING, MULTIPLE, NUMBER, ORDERING, SHORT_TEXT, SINGLE, TRUE_FALSE, question


def problems(fields, **others):
    try:
        question(fields, **others).full_clean(exclude=["level"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.parametrize("fields", EVERY_KIND, ids=lambda fields: fields["kind"])
def test_the_examples_are_valid(fields):
    assert problems(fields) == {}


TEXTS = [f"text {number}" for number in range(9)]


@pytest.mark.parametrize(
    ("fields", "changes", "field"),
    [
        (TRUE_FALSE, {"answer": 1}, "answer"),
        (TRUE_FALSE, {"answer": "true"}, "answer"),
        (TRUE_FALSE, {"choices": ["yes", "no"]}, "choices"),
        (TRUE_FALSE, {"accept": ["yes"]}, "accept"),
        (SINGLE, {"choices": ["*Paris*"]}, "choices"),
        (SINGLE, {"choices": TEXTS, "answer": "text 1"}, "choices"),
        (SINGLE, {"choices": "Paris"}, "choices"),
        (SINGLE, {"choices": ["*Paris*", 1]}, "choices"),
        (SINGLE, {"choices": ["*Paris*", ""]}, "choices"),
        (SINGLE, {"choices": ["*Paris*", " Rome"]}, "choices"),
        (SINGLE, {"choices": ["*Paris*", "Ro\nme"]}, "choices"),
        (SINGLE, {"choices": ["*Paris*", "Ro\0me"]}, "choices"),
        (SINGLE, {"choices": ["*Paris*", "x" * 301]}, "choices"),
        (SINGLE, {"choices": ["*Paris*", "Rome", "Rome"]}, "choices"),
        (SINGLE, {"choices": ["*Paris*", "`Paris`"]}, "choices"),
        (SINGLE, {"answer": "Paris"}, "answer"),
        (SINGLE, {"answer": ["*Paris*"]}, "answer"),
        (MULTIPLE, {"choices": ["2", "3"]}, "choices"),
        (MULTIPLE, {"answer": []}, "answer"),
        (MULTIPLE, {"answer": ["2", "2"]}, "answer"),
        (MULTIPLE, {"answer": ["5"]}, "answer"),
        (ORDERING, {"answer": TEXTS[:2]}, "answer"),
        (ORDERING, {"answer": TEXTS}, "answer"),
        (ORDERING, {"choices": ["first"]}, "choices"),
        (MATCHING, {"answer": [["a", "b"], ["c", "d"]]}, "answer"),
        (MATCHING, {"answer": [[str(number), TEXTS[number]] for number in range(7)]}, "answer"),
        (MATCHING, {"answer": [["a", "b"], ["a", "d"], ["e", "f"]]}, "answer"),
        (MATCHING, {"answer": [["a", "b"], ["c", "b"], ["e", "b"]]}, "answer"),
        (MATCHING, {"answer": [["a", "b", "c"], ["d", "e"], ["f", "g"]]}, "answer"),
        (MATCHING, {"answer": ["ab", "cd", "ef"]}, "answer"),
        (MATCHING, {"choices": ["meows"]}, "choices"),
        (MATCHING, {"choices": TEXTS[:5]}, "choices"),
        (SHORT_TEXT, {"answer": 5}, "answer"),
        (SHORT_TEXT, {"accept": ["CAFÉ AU LAIT"]}, "accept"),
        (SHORT_TEXT, {"accept": {"tolerance": 1}}, "accept"),
        (SHORT_TEXT, {"choices": ["a", "b"]}, "choices"),
        (NUMBER, {"answer": "3.5"}, "answer"),
        (NUMBER, {"answer": True}, "answer"),
        (NUMBER, {"answer": 1e16}, "answer"),
        (NUMBER, {"accept": {"tolerance": -1}}, "accept"),
        (NUMBER, {"accept": {"tolerance": "1"}}, "accept"),
        (NUMBER, {"accept": {"tolerance": False}}, "accept"),
        (NUMBER, {"accept": {"tolerances": 1}}, "accept"),
        (NUMBER, {"accept": [0.5]}, "accept"),
        (NUMBER, {"kind": "essay"}, "kind"),
        (NUMBER, {"prompt": " "}, "prompt"),
        (NUMBER, {"prompt": "x" * 5001}, "prompt"),
        (NUMBER, {"hint": "x" * 1001}, "hint"),
        (NUMBER, {"explanation": "x" * 5001}, "explanation"),
    ],
)
def test_what_a_kind_does_not_allow_is_refused_with_its_field(fields, changes, field):
    assert list(problems(fields, **changes)) == [field]


def test_what_is_left_empty_is_stored_as_an_empty_list():
    plain = question(TRUE_FALSE, choices=None, accept=None)
    plain.full_clean(exclude=["level"], validate_unique=False, validate_constraints=False)
    assert (plain.choices, plain.accept) == ([], [])


def test_the_right_choices_are_stored_in_the_order_of_the_choices():
    several = question(MULTIPLE)
    several.full_clean(exclude=["level"], validate_unique=False, validate_constraints=False)
    assert several.answer == ["2", "3"]
