"""CSV and JSON that editors import and export."""

import csv
import io
import json

import pytest

from catalogues.files import IN_LANGUAGES
from levels.questions.json_files import FIELDS, read_json, write_json
from levels.questions.rows import UnreadableFileError
from levels.questions.tables import COLUMNS, read_csv, write_csv

from .examples import EVERY_KIND, MULTIPLE, NUMBER, question

OTHERS = {"choices": [], "accept": [], "hint": "=1+1", "explanation": "- a\n- b", "skill": "'=x"}


def examples():
    return [question({**OTHERS, **fields}) for fields in EVERY_KIND if fields is not MULTIPLE]


@pytest.mark.parametrize(("write", "read"), [(write_csv, read_csv), (write_json, read_json)])
def test_what_is_written_is_read_back(write, read):
    several = question(MULTIPLE | {"answer": ["2", "3"], "published": False})
    written = [*examples(), several]
    rows = read(write(written))
    assert [row.problem for row in rows] == [""] * len(written)
    kept = FIELDS if write is write_json else [name for name in FIELDS if name not in IN_LANGUAGES]
    assert [row.values for row in rows] == [{name: getattr(one, name) for name in kept} for one in written]


def test_json_keeps_the_language_and_the_translations():
    one = question(NUMBER, language="id", translations={"en": {"prompt": "How many?"}})
    (row,) = read_json(write_json([one]))
    assert (row.values["language"], row.values["translations"]) == ("id", {"en": {"prompt": "How many?"}})


def test_the_language_of_a_file_is_that_of_its_questions_unless_they_say_another():
    rows = read_json('{"language": "id", "questions": [{"question_id": "a"}, {"language": "en"}]}')
    assert [row.values["language"] for row in rows] == ["id", "en"]


def test_no_cell_is_a_formula_for_a_spreadsheet():
    dangerous = question(NUMBER | {"answer": -2}, prompt="=HYPERLINK(1)", hint="@x", explanation="-x", skill="\t=1")
    (cells,) = csv.DictReader(io.StringIO(write_csv([dangerous])))
    assert cells["answer"] == "-2"
    assert [cells[name] for name in ("prompt", "hint", "explanation", "skill")] == [
        "'=HYPERLINK(1)",
        "'@x",
        "'-x",
        "'\t=1",
    ]


def test_a_table_with_semicolons_and_without_optional_columns_is_read():
    (row,) = read_csv('question_id;kind;prompt;answer\r\nq;single_choice;Which?;"* a\r\nb"\r\n')
    assert row.values == {
        "question_id": "q",
        "kind": "single_choice",
        "prompt": "Which?",
        "choices": ["a", "b"],
        "answer": "a",
        "accept": [],
    }


HEADER = ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{HEADER}\nq,number,Many?,many,,,,,yes", "a number"),
        (f"{HEADER}\nq,number,Many?,3,a bit,,,,yes", "tolerance is no number"),
        (f"{HEADER}\nq,number,Many?,3,,,,,perhaps", "yes or no"),
        (f"{HEADER}\nq,number", "cells"),
        (f"{HEADER}\nq,number,Many?,3,,,,,yes,more", "cells"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_problem_of_its_own(text, problem):
    (row,) = read_csv(text)
    assert problem in row.problem
    assert "row 1" in row.where


@pytest.mark.parametrize(
    ("read", "text", "problem"),
    [
        (read_csv, "", "question_id|answer"),
        (read_csv, "question_id,kind,prompt\n", "answer is missing"),
        (read_csv, f"{HEADER},price\n", "“price”"),
        (read_csv, f"{HEADER}\n" + "x" * 200_000, "no CSV"),
        (read_json, "{", "no JSON"),
        (read_json, "[" * 100_000, "no JSON"),
        (read_json, '{"a": 1, "a": 2}', "given twice"),
        (read_json, "[]", '"questions"'),
    ],
)
def test_a_file_that_says_nothing_is_refused_as_a_whole(read, text, problem):
    with pytest.raises(UnreadableFileError, match=problem):
        read(text)


def test_an_unknown_field_is_a_problem_of_its_question():
    rows = read_json(json.dumps({"questions": [{"question_id": "a", "level": 5}, 7]}))
    assert [row.problem for row in rows] == ["level: unknown field.", "An object is needed."]
