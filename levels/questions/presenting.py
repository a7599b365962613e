"""A question as a learner sees it, without what is right, and the right answer in the same terms."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from levels.choices import QuestionKind

from .markdown import to_html, to_inline_html, to_inline_text, to_text

if TYPE_CHECKING:
    from levels.models import Question


def present(question: "Question", seed: str) -> dict[str, Any]:
    """In the active language. The same seed gives the same order of choices, in each language."""
    prompt = question.translated("prompt")
    return {
        "question_id": question.question_id,
        "kind": question.kind,
        "prompt_html": to_html(prompt),
        "prompt_text": to_text(prompt),
        "choices": _shuffled(question, shown_choices(question), seed),
        "matches": _shuffled(question, shown_matches(question), seed),
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
    return question.translated("answer") if question.kind == QuestionKind.SHORT_TEXT else answer


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


def shown_choices(question: "Question") -> dict[str, str]:
    """The choices in the active language, by the row's own texts."""
    match question.kind:
        case QuestionKind.ORDERING:
            return _pairs(question.answer, question.translated("answer"))
        case QuestionKind.MATCHING:
            pairs = zip(question.answer, question.translated("answer"), strict=True)
            return {own: shown for (own, _), (shown, _) in pairs}
    return _pairs(question.choices, question.translated("choices"))


def shown_matches(question: "Question") -> dict[str, str]:
    if question.kind != QuestionKind.MATCHING:
        return {}
    pairs = zip(question.answer, question.translated("answer"), strict=True)
    matches = {own: shown for (_, own), (_, shown) in pairs}
    return matches | _pairs(question.choices, question.translated("choices"))


def id_of(question: "Question", text: str) -> str:
    """Of a choice. It follows from the row's own text, so it says nothing about places, is the same in each language,
    and changes when that text does.
    """
    return _hash(question.question_id, text)[:16]


def _pairs(own: Sequence[str], shown: Sequence[str]) -> dict[str, str]:
    return dict(zip(own, shown, strict=True))


def _shuffled(question: "Question", texts: Mapping[str, str], seed: str) -> list[dict[str, str]]:
    choices = [
        {"id": id_of(question, own), "text": to_inline_text(shown), "html": to_inline_html(shown)}
        for own, shown in texts.items()
    ]
    return sorted(choices, key=lambda choice: _hash(seed, choice["id"]))


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()
