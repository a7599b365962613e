"""Whether a client's answer to a question is right."""

import unicodedata
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from levels.choices import QuestionKind

from .numbers import as_decimal, as_number, without_thousands
from .presenting import choice_texts, correct_answer, id_of, match_texts

if TYPE_CHECKING:
    from levels.models import Question

MAX_ANSWER_LENGTH = 500


class InvalidAnswer(ValueError):  # noqa: N818 - it says what it is
    """The answer does not have the form that the kind of the question asks for."""


class UnknownChoice(ValueError):  # noqa: N818 - it says what it is
    """A choice that the question does not have, or no longer: somebody may have changed it since it was shown."""

    def __init__(self) -> None:
        super().__init__(_("The question has no such choice. It may have changed: get it again."))


def is_right(question: "Question", answer: Any) -> bool:
    """Raises InvalidAnswer or UnknownChoice."""
    given = read_answer(question, answer)
    if question.kind == QuestionKind.SHORT_TEXT:
        return folded(given) in map(folded, right_texts(question))
    if question.kind == QuestionKind.NUMBER:
        return _is_near(question, given)
    return bool(given == correct_answer(question))


def right_texts(question: "Question") -> Iterator[str]:
    """What is right as a short text: the answer and its alternatives, in each language."""
    yield from [question.answer, *question.accept]
    for texts in question.translations.values():
        yield from texts.get("accept", [])
        if "answer" in texts:
            yield texts["answer"]


def read_answer(question: "Question", answer: Any) -> Any:
    """Its normal form: two answers that mean the same are equal. Raises InvalidAnswer or UnknownChoice."""
    match question.kind:
        case QuestionKind.TRUE_FALSE:
            return _read_bool(answer)
        case QuestionKind.SINGLE_CHOICE:
            return _read_id(answer, _choice_ids(question))
        case QuestionKind.MULTIPLE_CHOICE:
            return sorted(_read_ids(answer, _choice_ids(question)))
        case QuestionKind.ORDERING:
            return _read_order(answer, _choice_ids(question))
        case QuestionKind.MATCHING:
            return _read_matches(question, answer)
        case QuestionKind.SHORT_TEXT:
            return _read_text(answer)
    return _read_number(question, answer)


def folded(text: str) -> str:
    """Equal for texts that differ only in case, spaces and how characters are encoded."""
    return _compact(unicodedata.normalize("NFKC", text).casefold())


def _compact(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _choice_ids(question: "Question") -> list[str]:
    return [id_of(question, text) for text in choice_texts(question)]


def _read_bool(answer: Any) -> bool:
    if not isinstance(answer, bool):
        raise InvalidAnswer(_("Answer true or false."))
    return answer


def _read_id(answer: Any, known: Collection[str]) -> str:
    if not isinstance(answer, str) or len(answer) > MAX_ANSWER_LENGTH:
        raise InvalidAnswer(_("Answer with the id of a choice."))
    if answer not in known:
        raise UnknownChoice
    return answer


def _read_ids(answer: Any, known: Collection[str]) -> list[str]:
    if not isinstance(answer, list) or not answer or len(answer) > len(known):
        raise InvalidAnswer(_("Answer with a list of 1 to %(number)s ids of choices.") % {"number": len(known)})
    ids = [_read_id(item, known) for item in answer]
    if len(set(ids)) < len(ids):
        raise InvalidAnswer(_("Answer with different choices: one is given twice."))
    return ids


def _read_order(answer: Any, known: Collection[str]) -> list[str]:
    ids = _read_ids(answer, known)
    if len(ids) < len(known):
        raise InvalidAnswer(_("Answer with all %(number)s choices in order.") % {"number": len(known)})
    return ids


def _read_matches(question: "Question", answer: Any) -> dict[str, str]:
    """In the order of the question, so that answers are equal as JSON texts too."""
    lefts, rights = _choice_ids(question), [id_of(question, text) for text in match_texts(question)]
    if not isinstance(answer, dict) or len(answer) > len(lefts):
        raise InvalidAnswer(
            _("Answer with an object of %(number)s pairs: the id of a choice, the id of its match.")
            % {"number": len(lefts)}
        )
    given = {_read_id(left, lefts): _read_id(right, rights) for left, right in answer.items()}
    if len(given) < len(lefts):
        raise InvalidAnswer(_("Answer with a match for each of the %(number)s choices.") % {"number": len(lefts)})
    return {left: given[left] for left in lefts}


def _read_text(answer: Any) -> str:
    if not isinstance(answer, str) or not 0 < len(answer) <= MAX_ANSWER_LENGTH:
        raise InvalidAnswer(_("Answer with a text of 1 to %(most)s characters.") % {"most": MAX_ANSWER_LENGTH})
    text = _compact(answer)
    if not text:
        raise InvalidAnswer(_("Answer with a text that is not empty."))
    return text


def _read_number(question: "Question", answer: Any) -> int | float:
    right = as_decimal(question.answer)
    number = as_decimal(answer if right is None or abs(right) < 1000 else without_thousands(answer))
    if number is None:
        raise InvalidAnswer(_("Answer with a number."))
    return as_number(number)


def _is_near(question: "Question", given: int | float) -> bool:
    accept = question.accept if isinstance(question.accept, dict) else {}
    number, right, tolerance = map(as_decimal, [given, question.answer, accept.get("tolerance", 0)])
    if number is None or right is None or tolerance is None:
        raise TypeError(f"{question.question_id} has no number as its answer or tolerance.")
    return abs(number - right) <= tolerance
