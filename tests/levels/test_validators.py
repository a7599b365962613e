import pytest
from django.core.exceptions import ValidationError

from levels.validators import validate_icon, validate_metadata, validate_texts


@pytest.mark.parametrize(
    "icon", ["bi-bug", "bi-envelope-exclamation", "bi-1-circle", "🏆", "⚔️", "👩‍💻", "👍🏽", "🇮🇩", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
)
def test_an_icon_is_a_bootstrap_name_or_one_emoji(icon):
    validate_icon(icon)


@pytest.mark.parametrize(
    "icon", ["", "bi", "bi-", "bi-Bug", "bi-bug\n", "bug", "🏆🏆", "🏆 ", "<b>", "a", "é", "1", "bi-x y"]
)
def test_anything_else_is_no_icon(icon):
    with pytest.raises(ValidationError):
        validate_icon(icon)


@pytest.mark.parametrize("value", [[], ["a"], ["a", "b c"], ["x" * 60], [str(n) for n in range(30)]])
def test_lists_of_short_texts_are_accepted(value):
    validate_texts(value)


@pytest.mark.parametrize(
    "value",
    [
        "a",
        None,
        {"a": 1},
        [1],
        [None],
        [["a"]],
        [""],
        ["  "],
        ["x" * 61],
        ["a", "a"],
        ["nul\x00"],
        ["\ud800"],
        list("abcdefghijklmnopqrstuvwxyz12345"),
    ],
)
def test_other_lists_are_refused(value):
    with pytest.raises(ValidationError):
        validate_texts(value)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"min_seconds": 0},
        {"min_correct": 3},
        {"min_correct": 3, "total_questions": 3},
        {"anything": [1.5, {"else": None}]},
    ],
)
def test_metadata_may_hold_anything_that_is_plain_json(value):
    validate_metadata(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "Give a JSON object."),
        ("{}", "Give a JSON object."),
        (None, "Give a JSON object."),
        ({"min_seconds": -1}, "“min_seconds” must be an integer from 0 to 1000000."),
        ({"min_seconds": True}, "“min_seconds” must be an integer from 0 to 1000000."),
        ({"min_correct": 1.0}, "“min_correct” must be an integer from 0 to 1000000."),
        ({"total_questions": "5"}, "“total_questions” must be an integer from 0 to 1000000."),
        ({"total_questions": None}, "“total_questions” must be an integer from 0 to 1000000."),
        ({"min_correct": 4, "total_questions": 3}, "“min_correct” must not exceed “total_questions”."),
        ({"x": float("nan")}, "Numbers must be finite."),
        ({"x": "\udfff"}, "Text must not contain NUL characters or lone surrogates."),
        ({"x\x00": 1}, "Text must not contain NUL characters or lone surrogates."),
        ({"x": "y" * 10_000}, "Longer than 10000 characters."),
    ],
)
def test_faults_in_metadata_are_named(value, message):
    with pytest.raises(ValidationError) as caught:
        validate_metadata(value)
    assert caught.value.messages == [message]
