"""Questions in GIFT, the text format of Moodle: writing them.

`[id:…]` and `[tag:…]` in a comment keep the identifier and the skill; the general feedback (`####`) is the explanation.
GIFT has no question in which texts are put in order, no hint, and nothing unpublished.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from levels.choices import QuestionKind

if TYPE_CHECKING:
    from levels.models import Question

SPECIAL = "\\~=#{}:"


def write_gift(questions: Iterable["Question"]) -> str:
    return "\n\n".join(_block(question) for question in questions) + "\n"


def _block(question: "Question") -> str:
    if question.kind == QuestionKind.ORDERING:
        return f"// {question.question_id} is left out: in GIFT, no question asks to put texts in order."
    tag = question.skill.replace("\\", "\\\\").replace("]", "\\]")
    skill = f" [tag:{tag}]" if tag else ""
    explanation = f"####{escape(question.explanation)}" if question.explanation else ""
    answers = "\n".join([*_answers(question), *([explanation] if explanation else [])])
    return (
        f"// [id:{question.question_id}]{skill}\n"
        f"::{question.question_id}::[markdown]{escape(question.prompt)}{{\n{answers}\n}}"
    )


def _answers(question: "Question") -> list[str]:
    match question.kind:
        case QuestionKind.TRUE_FALSE:
            return ["TRUE" if question.answer else "FALSE"]
        case QuestionKind.SINGLE_CHOICE:
            return [_choice(text, right=text == question.answer) for text in question.choices]
        case QuestionKind.MULTIPLE_CHOICE:
            share = f"{100 / len(question.answer):.5f}".rstrip("0").rstrip(".")
            weights = [share if text in question.answer else "-100" for text in question.choices]
            return [f"~%{weight}%{escape(text)}" for weight, text in zip(weights, question.choices, strict=True)]
        case QuestionKind.MATCHING:
            pairs = [*question.answer, *(["", text] for text in question.choices)]
            return [f"={_without_arrow(left)} -> {escape(right)}" for left, right in pairs]
        case QuestionKind.SHORT_TEXT:
            return [f"=%100%{_without_arrow(text)}" for text in [question.answer, *question.accept]]
    return [_number(question)]


def _choice(text: str, *, right: bool) -> str:
    # A text such as “%5%” would be read as a weight.
    weight = ("%100%" if right else "%0%") if text.startswith("%") else ""
    return f"{'=' if right else '~'}{weight}{escape(text)}"


def _number(question: "Question") -> str:
    tolerance = question.accept["tolerance"] if question.accept else 0
    number, off = (format(Decimal(repr(value)), "f") for value in (question.answer, tolerance))
    return f"#{number}:{off}"


def escape(text: str) -> str:
    escaped = "".join("\\" + character if character in SPECIAL else character for character in text)
    return escaped.replace("\n", "\\n")


def _without_arrow(text: str) -> str:
    """Between “=” and a match an arrow separates; Markdown reads “\\>” as “>”."""
    return escape(text).replace("->", "-\\>")
