"""The programs in the questions of the coding challenges do what the stored answers say."""

import io
import json
import re
from contextlib import redirect_stdout

import pytest

from levels.loading.load import SHIPPED

CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)
PROMISED = re.compile(r"```text\n(.*?)```", re.DOTALL)


def questions_of_coding():
    levels = json.loads((SHIPPED / "coding.json").read_text())["levels"]
    for level in levels:
        yield from json.loads((SHIPPED / "questions" / f"{level['level_id']}.json").read_text())["questions"]


def chosen(condition):
    return [
        pytest.param(question, id=question["question_id"]) for question in questions_of_coding() if condition(question)
    ]


def output_of(program):
    """What the program prints, without the spaces at the ends of the lines."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(program, "<question>", "exec"), {"__name__": "question"})  # noqa: S102 - our own content
    return "\n".join(line.rstrip() for line in printed.getvalue().splitlines())


@pytest.mark.parametrize("question", chosen(lambda question: "What does this program print?" in question["prompt"]))
def test_a_program_prints_what_the_answer_says(question):
    printed = output_of(CODE.search(question["prompt"])[1])
    assert printed == str(question["answer"]).strip("`")


@pytest.mark.parametrize("question", chosen(lambda question: question["kind"] == "ordering"))
def test_the_lines_in_order_print_what_the_prompt_promises(question):
    beginning = "".join(CODE.findall(question["prompt"]))
    lines = "\n".join(line.strip("`") for line in question["answer"])
    assert output_of(beginning + lines) == PROMISED.search(question["prompt"])[1].strip()
