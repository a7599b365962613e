"""GIFT: every question that it can say comes back as it was, and files of Moodle are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from levels.questions.gift import write_gift
from levels.questions.gift_reading import read_gift

from .examples import EVERY_KIND, MATCHING, MULTIPLE, NUMBER, ORDERING, SHORT_TEXT, SINGLE, TRUE_FALSE, question

# Everything that means something to GIFT, and some that does not.
LINE = st.text(st.sampled_from("ab ~=#{}:\\%>-n[]5/*`é$"), min_size=1, max_size=12).map(str.strip).filter(bool)
PROSE = st.lists(LINE, min_size=1, max_size=3).map("\n\n".join)
NUMBERS = st.integers(-(10**6), 10**6) | st.integers(-(10**6), 10**6).map(lambda number: number / 1000)


def distinct(least, most):
    return st.lists(LINE, min_size=least, max_size=most, unique=True)


@st.composite
def answers(draw):
    kind = draw(st.sampled_from(["true_false", "single_choice", "multiple_choice", "matching", "short_text", "number"]))
    texts = draw(distinct(6, 8))
    match kind:
        case "true_false":
            return {"kind": kind, "answer": draw(st.booleans())}
        case "single_choice":
            return {"kind": kind, "choices": texts, "answer": draw(st.sampled_from(texts))}
        case "multiple_choice":
            return {"kind": kind, "choices": texts, "answer": texts[: draw(st.integers(1, len(texts)))]}
        case "matching":
            pairs = [[texts[place], texts[place + 3]] for place in range(3)]
            return {"kind": kind, "answer": pairs, "choices": texts[6:]}
        case "short_text":
            return {"kind": kind, "answer": texts[0], "accept": texts[1 : draw(st.integers(1, 4))]}
    tolerance = abs(draw(NUMBERS))
    return {"kind": kind, "answer": draw(NUMBERS), "accept": {"tolerance": tolerance} if tolerance else []}


@given(answers(), PROSE, st.just("") | PROSE, st.just("") | LINE)
def test_what_is_written_is_read_back(fields, prompt, explanation, skill):
    written = question({"choices": [], "accept": [], **fields}, prompt=prompt, explanation=explanation, skill=skill)
    (row,) = read_gift(write_gift([written]))
    expected = {"question_id", "prompt", "explanation", "kind", "choices", "answer", "accept"} | (
        {"skill"} if skill else set()
    )
    assert row.problem == ""
    assert row.values == {name: getattr(written, name) for name in expected}


def test_a_question_is_written_as_moodle_reads_it():
    asked = question(MULTIPLE, prompt="Which of these?\n\nPrimes: {2} ~ 4", explanation="4 = 2 * 2", skill="Maths")
    assert write_gift([asked]) == (
        "// [id:example] [tag:Maths]\n"
        "::example::[markdown]Which of these?\\n\\nPrimes\\: \\{2\\} \\~ 4{\n"
        "~%50%2\n~%50%3\n~%-100%4\n####4 \\= 2 * 2\n}\n"
    )
    assert "{\nTRUE\n}" in write_gift([question(TRUE_FALSE)])
    assert "{\n~Rome\n~Oslo\n=*Paris*\n}" in write_gift([question(SINGLE)])
    assert "=cat -> meows\n" in write_gift([question(MATCHING)])
    assert "= -> sings\n" in write_gift([question(MATCHING)])
    assert "=%100%Café au lait\n" in write_gift([question(SHORT_TEXT)])
    assert "{\n#3.5:0.25\n}" in write_gift([question(NUMBER)])


def test_texts_in_order_are_left_out_and_the_file_says_so():
    text = write_gift([question(ORDERING), question(TRUE_FALSE, question_id="second")])
    assert "// example is left out: in GIFT, no question asks to put texts in order." in text
    assert [row.values["question_id"] for row in read_gift(text)] == ["second"]
    assert len(read_gift(write_gift([question(fields) for fields in EVERY_KIND]))) == len(EVERY_KIND) - 1


MOODLE = """// question: 12  name: Grant
$CATEGORY: $course$/Default

::Who's buried?::[html]Who's buried in Grant's tomb?{~Cleopatra =Grant#Well done! ~No \\= one}

Two plus two {=four =4} equals four.
::Sun::The sun rises in the east.{T#No.#Yes.####It turns.}

When was Grant born? {#1822:5}

{#=3.141..3.142#Good}

What is it?{~%50%a ~%50%b#Right ~%-50%c ~}

Match.{=cat -> meow =dog  -> bark =cow->moo}
"""


def test_a_file_of_moodle_is_read():
    rows = [row.values for row in read_gift(MOODLE.replace("four.\n", "four.\n\n").replace("\n", "\r\n"))]
    assert rows[0] == {
        "question_id": "whos-buried",
        "prompt": "Who's buried in Grant's tomb?",
        "kind": "single_choice",
        "choices": ["Cleopatra", "Grant", "No = one"],
        "answer": "Grant",
        "accept": [],
        "explanation": "",
    }
    assert (rows[1]["prompt"], rows[1]["answer"], rows[1]["accept"]) == (
        "Two plus two  _____ equals four.",
        "four",
        ["4"],
    )
    assert (rows[2]["kind"], rows[2]["answer"], rows[2]["explanation"]) == ("true_false", True, "It turns.")
    assert (rows[3]["answer"], rows[3]["accept"]) == (1822, {"tolerance": 5})
    assert (rows[4]["answer"], rows[4]["accept"]) == (3.1415, {"tolerance": 0.0005})
    assert (rows[5]["kind"], rows[5]["answer"]) == ("multiple_choice", ["a", "b"])
    assert rows[6]["answer"] == [["cat", "meow"], ["dog", "bark"], ["cow", "moo"]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Write an essay.{}", "no essays"),
        ("A description.", "no answers in braces"),
        ("Open {=a", "no answers in braces"),
        ("Partly {=a =%50%b}", "partly right"),
        ("Two {=a =b ~c}", "one is right"),
        ("None {~a ~b}", "one is right"),
        ("Many {#=1:0 =%50%2:0}", "not several"),
        ("None {#many}", "no number"),
    ],
)
def test_what_skillquest_does_not_have_is_a_problem_of_that_question(text, problem):
    bad, good = read_gift(f"{text}\n\nGood{{T}}")
    assert problem in bad.problem
    assert "question 1" in bad.where
    assert good.values["answer"] is True


@pytest.mark.parametrize("text", ["::" * 100_000, "// " + "[id:" * 100_000 + "\nA{T}", "{" * 200_000, "=" * 200_000])
def test_reading_takes_no_more_than_linear_time(text):
    """Otherwise this test would take minutes."""
    assert len(read_gift(text)) == 1
