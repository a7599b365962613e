"""A question in another language: its own `choices`, `answer` and `accept` with translated texts."""

from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING, Any

from catalogues.translations import expect
from levels.choices import QuestionKind

from .validation import check_question

if TYPE_CHECKING:
    from levels.models import Question

# What is translated beside these: the texts that a kind of question is answered with.
ANSWERED_WITH = {
    QuestionKind.SINGLE_CHOICE: ["choices"],
    QuestionKind.MULTIPLE_CHOICE: ["choices"],
    QuestionKind.ORDERING: ["answer"],
    QuestionKind.MATCHING: ["answer", "choices"],
    QuestionKind.SHORT_TEXT: ["answer"],
}
TEXTS = ["prompt", "hint", "explanation", "skill"]


def text_names(question: "Question") -> list[str]:
    """Those that every translation needs, where the question has them."""
    kinds = QuestionKind.values
    return [*TEXTS, *(ANSWERED_WITH.get(QuestionKind(question.kind), []) if question.kind in kinds else [])]


def check_translation(question: "Question", texts: Mapping[str, Any]) -> None:
    """Raises ValidationError by field, unless a learner could be asked the question with these texts.

    The question itself is in order.
    """
    if question.kind == QuestionKind.MATCHING and "answer" in texts:
        _check_pairs(question.answer, texts["answer"])
    check_question(in_language(question, texts))


def in_language(question: "Question", texts: Mapping[str, Any]) -> "Question":
    """An unsaved copy with these texts as its own."""
    other = copy(question)
    for name, text in texts.items():
        setattr(other, name, text)
    if question.kind == QuestionKind.SHORT_TEXT:
        other.accept = texts.get("accept", [])
    right = dict(zip(question.choices, other.choices, strict=False))
    if question.kind == QuestionKind.SINGLE_CHOICE:
        other.answer = right.get(question.answer)
    if question.kind == QuestionKind.MULTIPLE_CHOICE:
        other.answer = [right.get(text) for text in question.answer]
    return other


def _check_pairs(own: list[list[str]], pairs: Any) -> None:
    """What is matched with two texts is the same text in each language."""
    are_pairs = all(isinstance(pair, list) and list(map(type, pair)) == [str, str] for pair in pairs)
    expect(are_pairs, "answer", "Give a list of pairs: [left, right].")
    rights = {(right, shown) for (_, right), (_, shown) in zip(own, pairs, strict=True)}
    one_for_one = len(rights) == len({right for right, _ in rights}) == len({shown for _, shown in rights})
    expect(one_for_one, "answer", "Two right sides are the same text in one language, and not in the other.")
