"""A question as a learner sees it, without what is right, and the right answer in the same terms."""

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from levels.choices import QuestionKind

from .markdown import to_html, to_inline_html, to_inline_text, to_text

if TYPE_CHECKING:
    from levels.models import Question


def present(question: "Question", seed: str) -> dict[str, Any]:
    """The same seed gives the same order of choices."""
    return {
        "question_id": question.question_id,
        "kind": question.kind,
        "prompt_html": to_html(question.prompt),
        "prompt_text": to_text(question.prompt),
        "choices": _shuffled(question, choice_texts(question), seed),
        "matches": _shuffled(question, match_texts(question), seed),
        "has_hint": bool(question.hint),
    }


def correct_answer(question: "Question") -> Any:
    """In the form in which a client answers."""
    answer = question.answer
    match question.kind:
        case QuestionKind.SINGLE_CHOICE:
            return id_of(question, answer)
        case QuestionKind.MULTIPLE_CHOICE:
            return sorted(id_of(question, text) for text in answer)
        case QuestionKind.ORDERING:
            return [id_of(question, text) for text in answer]
        case QuestionKind.MATCHING:
            return {id_of(question, left): id_of(question, right) for left, right in answer}
    return answer


def choice_texts(question: "Question") -> list[str]:
    """What a learner chooses from, puts in order, or finds the match of."""
    match question.kind:
        case QuestionKind.ORDERING:
            return list(question.answer)
        case QuestionKind.MATCHING:
            return [left for left, _ in question.answer]
    return list(question.choices)


def match_texts(question: "Question") -> list[str]:
    """What the choices of a matching question are matched with; the same text only once."""
    if question.kind != QuestionKind.MATCHING:
        return []
    return list(dict.fromkeys([*(right for _, right in question.answer), *question.choices]))


def id_of(question: "Question", text: str) -> str:
    """Of a choice. It follows from the text, so it says nothing about places, and changes when the text does."""
    return _hash(question.question_id, text)[:16]


def _shuffled(question: "Question", texts: Iterable[str], seed: str) -> list[dict[str, str]]:
    choices = [
        {"id": id_of(question, text), "text": to_inline_text(text), "html": to_inline_html(text)} for text in texts
    ]
    return sorted(choices, key=lambda choice: _hash(seed, choice["id"]))


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()
