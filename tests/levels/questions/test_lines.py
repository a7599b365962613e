import pytest

from levels.questions.lines import read_lines, to_lines

from .examples import EVERY_KIND, MATCHING, MULTIPLE, SHORT_TEXT, SINGLE, question


@pytest.mark.parametrize("fields", EVERY_KIND, ids=lambda fields: fields["kind"])
def test_lines_say_what_the_question_says(fields):
    read = read_lines(fields["kind"], to_lines(question(fields)))
    shown = question(fields)
    assert {name: getattr(shown, name) for name in read} == read | (
        {"answer": sorted(read["answer"], reverse=True)} if fields is MULTIPLE else {}
    )


def test_right_choices_are_marked_and_pairs_are_written_side_by_side():
    assert to_lines(question(SINGLE)) == "Rome\nOslo\n* *Paris*"
    assert to_lines(question(MATCHING)) == "cat :: meows\ndog :: barks\nwolf :: howls\n:: sings"
    assert to_lines(question(SHORT_TEXT)) == "Café au lait\nmilk coffee"


def test_spaces_and_empty_lines_do_not_matter():
    assert read_lines("single_choice", " a \r\n\r\n*  b\n") == {"choices": ["a", "b"], "answer": "b"}
    assert read_lines("number", "\n 3,5 \n")["answer"] == 3.5
    assert read_lines("true_false", "FALSE")["answer"] is False


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("single_choice", "a\nb", "Exactly one"),
        ("single_choice", "* a\n* b", "Exactly one"),
        ("matching", "a :: b\nc", "left :: right"),
        ("matching", "a ::", "left :: right"),
        ("true_false", "yes", "true or false"),
        ("number", "3\n4", "a number"),
        ("number", "", "a number"),
    ],
)
def test_lines_that_say_nothing_are_refused(kind, text, message):
    with pytest.raises(ValueError, match=message):
        read_lines(kind, text)
