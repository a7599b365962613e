"""What `choices`, `answer` and `accept` of a question may contain, by its kind."""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from unicodedata import category

from django.core.exceptions import ValidationError

from catalogues.strict_json import is_storable
from levels.choices import QuestionKind

from .figures import FIGURES, FigureError, check_figures
from .judging import folded
from .lines import PAIR, RIGHT
from .markdown import fenced_blocks, to_inline_text, to_text
from .numbers import as_decimal

if TYPE_CHECKING:
    from levels.models import Question

MAX_LENGTHS = {"prompt": 5000, "hint": 1000, "explanation": 5000}
MAX_TEXT_LENGTH = 300
MAX_ALTERNATIVES = 30
MAX_FURTHER_MATCHES = 4
_FENCE = re.compile(rf"\s*(?:```|~~~)[`~]*\s*(?:{'|'.join(FIGURES)})\b", re.IGNORECASE)


def check_question(question: "Question") -> None:
    """Brings the fields into their normal form. Raises ValidationError by field."""
    # The admin stores an emptied field as null.
    question.choices, question.accept = question.choices or [], question.accept or []
    for field, limit in MAX_LENGTHS.items():
        _expect(len(getattr(question, field) or "") <= limit, field, f"Longer than {limit} characters.")
        _check_figures(field, getattr(question, field) or "")
    _expect(bool(to_text(question.prompt or "").strip()), "prompt", "The prompt shows nothing.")
    if question.kind in _CHECKS:
        _CHECKS[QuestionKind(question.kind)](question)


def _check_figures(field: str, text: str) -> None:
    try:
        check_figures(fenced_blocks(text))
    except FigureError as error:
        raise ValidationError({field: str(error)}) from error


def _check_true_false(question: "Question") -> None:
    _expect(isinstance(question.answer, bool), "answer", "Give true or false.")
    _expect_empty(question, "choices", "accept")


def _check_single_choice(question: "Question") -> None:
    _check_choices(question, least=2)
    _expect(question.answer in question.choices, "answer", "Give one of the choices.")
    _expect_empty(question, "accept")


def _check_multiple_choice(question: "Question") -> None:
    _check_choices(question, least=3)
    _check_texts("answer", question.answer, least=1, most=len(question.choices))
    _expect(all(text in question.choices for text in question.answer), "answer", "Give some of the choices.")
    question.answer = [text for text in question.choices if text in question.answer]
    _expect_empty(question, "accept")


def _check_ordering(question: "Question") -> None:
    _check_texts("answer", question.answer, least=3, most=8)
    _expect_empty(question, "choices", "accept")


def _check_matching(question: "Question") -> None:
    pairs = question.answer
    are_pairs = isinstance(pairs, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in pairs)
    _expect(are_pairs, "answer", "Give a list of pairs: [left, right].")
    _check_texts("answer", [left for left, _ in pairs], least=3, most=6)
    for left, right in pairs:
        _check_text("answer", right)
        _expect(PAIR not in f"{left} ", "answer", f"A left side must not contain “{PAIR}”.")
    rights = list(dict.fromkeys(right for _, right in pairs))
    _check_texts("answer", rights, least=2, most=len(pairs))
    _check_texts("choices", question.choices, least=0, most=MAX_FURTHER_MATCHES)
    _check_distinct("choices", [*rights, *question.choices])
    _expect_empty(question, "accept")


def _check_short_text(question: "Question") -> None:
    _check_text("answer", question.answer)
    _check_texts("accept", question.accept, least=0, most=MAX_ALTERNATIVES)
    texts = [folded(text) for text in [question.answer, *question.accept]]
    _expect(all(texts), "answer", "Give a text that is not empty.")
    _expect(len(set(texts)) == len(texts), "accept", "A text is given twice; case and spaces make no difference.")
    _expect_empty(question, "choices")


def _check_number(question: "Question") -> None:
    _expect(_is_number(question.answer), "answer", "Give a number.")
    _expect_empty(question, "choices")
    if question.accept == []:
        return
    accept = question.accept
    _expect(isinstance(accept, dict) and set(accept) == {"tolerance"}, "accept", 'Give {"tolerance": a number}.')
    tolerance = accept["tolerance"]
    _expect(_is_number(tolerance) and tolerance >= 0, "accept", "The tolerance is a number, 0 or more.")


_CHECKS: dict[QuestionKind, Callable[["Question"], None]] = {
    QuestionKind.TRUE_FALSE: _check_true_false,
    QuestionKind.SINGLE_CHOICE: _check_single_choice,
    QuestionKind.MULTIPLE_CHOICE: _check_multiple_choice,
    QuestionKind.ORDERING: _check_ordering,
    QuestionKind.MATCHING: _check_matching,
    QuestionKind.SHORT_TEXT: _check_short_text,
    QuestionKind.NUMBER: _check_number,
}


def _check_choices(question: "Question", *, least: int) -> None:
    _check_texts("choices", question.choices, least=least, most=8)
    marked = any(text.startswith(RIGHT) for text in question.choices)
    _expect(not marked, "choices", f"A choice must not begin with “{RIGHT}”.")


def _expect(condition: bool, field: str, message: str) -> None:
    if not condition:
        raise ValidationError({field: message})


def _expect_empty(question: "Question", *fields: str) -> None:
    for field in fields:
        _expect(not getattr(question, field), field, "This kind of question has none.")


def _is_number(value: Any) -> bool:
    return not isinstance(value, str) and as_decimal(value) is not None


def _check_texts(field: str, texts: Any, *, least: int, most: int) -> None:
    _expect(isinstance(texts, list), field, "Give a list of texts.")
    _expect(least <= len(texts) <= most, field, f"Give {least} to {most} texts, not {len(texts)}.")
    for text in texts:
        _check_text(field, text)
    _check_distinct(field, texts)


def _check_text(field: str, text: Any) -> None:
    _expect(isinstance(text, str), field, "Give texts.")
    _expect(not _FENCE.match(text), field, "A figure belongs into the prompt, the hint or the explanation.")
    _expect(0 < len(text) <= MAX_TEXT_LENGTH, field, f"A text has 1 to {MAX_TEXT_LENGTH} characters.")
    _expect(text == text.strip() and _is_one_line(text), field, "A text is one line without spaces around it.")
    _expect(is_storable(text), field, "A text must not contain NUL characters or lone surrogates.")


def _is_one_line(text: str) -> bool:
    return not any(category(character) in {"Cc", "Zl", "Zp"} for character in text)


def _check_distinct(field: str, texts: Sequence[str]) -> None:
    """As learners see them: `x` and **x** look alike."""
    shown = [to_inline_text(text) for text in texts]
    _expect(all(shown), field, "A text shows nothing.")
    _expect(len(set(shown)) == len(shown), field, "A text is given twice.")
