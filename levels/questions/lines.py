"""Choices and answer of a question as lines of text, which people can edit.

| kind | lines |
|---|---|
| true_false | true or false |
| single_choice, multiple_choice | one choice each; right ones begin with “* ” |
| ordering | one text each, in the right order |
| matching | “left :: right” each; “:: right” fits nothing |
| short_text | the answer, then other texts that are right, one each |
| number | the number |
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from levels.choices import QuestionKind

from .numbers import as_decimal, as_number

if TYPE_CHECKING:
    from levels.models import Question

RIGHT = "* "
PAIR = " :: "


def to_lines(question: "Question") -> str:
    match question.kind:
        case QuestionKind.TRUE_FALSE:
            lines = ["true" if question.answer else "false"]
        case QuestionKind.SINGLE_CHOICE:
            lines = [RIGHT + text if text == question.answer else text for text in question.choices]
        case QuestionKind.MULTIPLE_CHOICE:
            lines = [RIGHT + text if text in question.answer else text for text in question.choices]
        case QuestionKind.ORDERING:
            lines = question.answer
        case QuestionKind.MATCHING:
            lines = [PAIR.join(pair) for pair in question.answer] + [PAIR.lstrip() + text for text in question.choices]
        case QuestionKind.SHORT_TEXT:
            lines = [question.answer, *question.accept]
        case _:
            lines = [str(question.answer)]
    return "\n".join(lines)


def read_lines(kind: str, text: str) -> dict[str, Any]:
    """`choices`, `answer`, and for a short text `accept`. Raises ValueError."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    match kind:
        case QuestionKind.SINGLE_CHOICE:
            right = _right_of(lines)
            if len(right) != 1:
                raise ValueError("Exactly one line begins with “* ”: the right choice.")
            return {"choices": _choices_of(lines), "answer": right[0]}
        case QuestionKind.MULTIPLE_CHOICE:
            return {"choices": _choices_of(lines), "answer": _right_of(lines)}
        case QuestionKind.ORDERING:
            return {"choices": [], "answer": lines}
        case QuestionKind.MATCHING:
            return _read_pairs(lines)
        case QuestionKind.SHORT_TEXT:
            return {"choices": [], "answer": "".join(lines[:1]), "accept": lines[1:]}
    return {"choices": [], "answer": _read_value(kind, lines)}


def to_translated_lines(kind: str, texts: Mapping[str, Any]) -> str:
    """A translation as lines, in the order of the question's own: choices without a mark, since places say it all."""
    answer, choices = texts.get("answer", []), texts.get("choices", [])
    match kind:
        case QuestionKind.SINGLE_CHOICE | QuestionKind.MULTIPLE_CHOICE:
            return "\n".join(choices)
        case QuestionKind.ORDERING:
            return "\n".join(answer)
        case QuestionKind.MATCHING:
            return "\n".join([*map(PAIR.join, answer), *(PAIR.lstrip() + text for text in choices)])
        case QuestionKind.SHORT_TEXT:
            return "\n".join([*([answer] if answer else []), *texts.get("accept", [])])
    return ""


def read_translated_lines(kind: str, text: str) -> dict[str, Any]:
    """Raises ValueError."""
    if kind in {QuestionKind.TRUE_FALSE, QuestionKind.NUMBER}:
        raise ValueError("This kind of question has none.")
    if kind in {QuestionKind.SINGLE_CHOICE, QuestionKind.MULTIPLE_CHOICE}:
        return {"choices": _choices_of([line.strip() for line in text.splitlines() if line.strip()])}
    return {name: texts for name, texts in read_lines(kind, text).items() if texts}


def _right_of(lines: list[str]) -> list[str]:
    return [line.removeprefix(RIGHT).strip() for line in lines if line.startswith(RIGHT)]


def _choices_of(lines: list[str]) -> list[str]:
    return [line.removeprefix(RIGHT).strip() for line in lines]


def _read_pairs(lines: list[str]) -> dict[str, Any]:
    pairs = [[part.strip() for part in f" {line}".partition(PAIR)[::2]] for line in lines]
    if not all(right for _, right in pairs):
        raise ValueError("Each line is “left :: right”, or “:: right” for what fits nothing.")
    return {"choices": [right for left, right in pairs if not left], "answer": [pair for pair in pairs if pair[0]]}


def _read_value(kind: str, lines: list[str]) -> Any:
    line = lines[0].casefold() if len(lines) == 1 else ""
    if kind == QuestionKind.TRUE_FALSE:
        if line not in {"true", "false"}:
            raise ValueError("Give one line: true or false.")
        return line == "true"
    number = as_decimal(line)
    if number is None:
        raise ValueError("Give one line: a number.")
    return as_number(number)
