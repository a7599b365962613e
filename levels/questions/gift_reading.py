"""Questions in GIFT, the text format of Moodle: reading them.

Read are true or false, one or several of several, matching, short text, number, and a gap in a sentence. Essays,
descriptions, partly right answers and several right numbers are refused; feedback on single answers is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify

from levels.choices import QuestionKind

from .gift import SPECIAL
from .numbers import as_decimal, as_number
from .rows import FileRow

# While a question is taken apart, escaped characters are others, which occur in no text.
_ESCAPES = f"{SPECIAL}>n"
_HIDDEN = {character: chr(1 + place) for place, character in enumerate(_ESCAPES)}
_SHOWN = str.maketrans({hidden: "\n" if character == "n" else character for character, hidden in _HIDDEN.items()})
_ESCAPED = re.compile(rf"\\([{re.escape(_ESCAPES)}])")
_QUESTION = re.compile(
    r"\s*(?:::(?P<title>(?:(?!::).)*)::)?\s*(?:\[(?:html|moodle|plain|markdown)\])?"
    r"(?P<before>[^{}]*)\{(?P<answers>[^{}]*)\}(?P<after>[^{}]*)",
    re.DOTALL,
)
_ANSWER = re.compile(r"([=~])\s*(?:%(-?\d{1,3}(?:\.\d+)?)%)?([^=~]*)")
_NOTE = re.compile(r"\[(id|tag):((?:\\.|[^\]\\]){1,200})\]")
_TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}
GAP = " _____ "


class _UnsupportedError(ValueError):
    """GIFT allows it, and SkillQuest has no such question."""


@dataclass(frozen=True)
class _Answer:
    is_right: bool  # marked with “=”
    weight: float | None
    text: str


def read_gift(text: str) -> list[FileRow]:
    rows = []
    for number, (notes, body) in enumerate(_blocks(text), start=1):
        where = f"question {number}"
        try:
            rows.append(FileRow(where, _read(dict(_NOTE.findall(notes)), _hide(body))))
        except _UnsupportedError as problem:
            rows.append(FileRow(f"{where} (“{' '.join(body.split())[:40]}”)", problem=str(problem)))
    return rows


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """(comments, the rest) of each question; empty lines separate them."""
    for block in re.split(r"\n[ \t]*(?:\n[ \t]*)+", text.replace("\r\n", "\n")):
        lines = block.splitlines()
        notes = [line for line in lines if line.lstrip().startswith("//")]
        rest = [line for line in lines if line not in notes and not line.startswith("$CATEGORY:")]
        if any(line.strip() for line in rest):
            yield "\n".join(notes), "\n".join(rest)


def _read(notes: dict[str, str], body: str) -> dict[str, Any]:
    found = _QUESTION.fullmatch(body)
    if found is None:
        raise _UnsupportedError("This is no question: it has no answers in braces.")
    answers, _, explanation = found["answers"].partition("####")
    gap = GAP + found["after"].strip() if found["after"].strip() else ""
    values = {"prompt": _show(found["before"] + gap), "explanation": _show(explanation), **_kind_of(answers.strip())}
    if question_id := notes.get("id") or slugify(_show(found["title"] or "")):
        values["question_id"] = question_id
    if skill := notes.get("tag"):
        values["skill"] = re.sub(r"\\(.)", r"\1", skill)
    return values


def _kind_of(answers: str) -> dict[str, Any]:
    """`kind`, `choices`, `answer` and `accept`."""
    word = answers.partition("#")[0].strip().upper()
    if word in _TRUTH:
        return _fields(QuestionKind.TRUE_FALSE, _TRUTH[word])
    if answers.startswith("#"):
        return _number(answers[1:])
    options = [
        _Answer(mark == "=", float(weight) if weight else None, text.partition("#")[0])
        for mark, weight, text in _ANSWER.findall(answers)
    ]
    if not options:
        raise _UnsupportedError("There are no essays and descriptions: give answers in the braces.")
    if all(option.is_right for option in options):
        return _pairs(options) if all("->" in option.text for option in options) else _short_text(options)
    return _choices(options)


def _fields(kind: QuestionKind, answer: Any, choices: list[str] | None = None, accept: Any = None) -> dict[str, Any]:
    return {"kind": kind.value, "choices": choices or [], "answer": answer, "accept": accept or []}


def _number(text: str) -> dict[str, Any]:
    values = text.strip().removeprefix("=").removeprefix("%100%").partition("#")[0]
    if "=" in values or "~" in values:
        raise _UnsupportedError("A number has one right answer with a tolerance, not several.")
    first, separator, second = values.partition(".." if ".." in values else ":")
    low, high = as_decimal(first), as_decimal(second or "0")
    if low is None or high is None:
        raise _UnsupportedError("This is no number with a tolerance.")
    number, tolerance = ((low + high) / 2, (high - low) / 2) if separator == ".." else (low, high)
    accept = {"tolerance": as_number(tolerance)} if tolerance else None
    return _fields(QuestionKind.NUMBER, as_number(number), accept=accept)


def _pairs(options: list[_Answer]) -> dict[str, Any]:
    pairs = [[_show(part) for part in option.text.partition("->")[::2]] for option in options]
    further = [right for left, right in pairs if not left]
    return _fields(QuestionKind.MATCHING, [pair for pair in pairs if pair[0]], further)


def _short_text(options: list[_Answer]) -> dict[str, Any]:
    if any(option.weight not in {None, 100.0} for option in options):
        raise _UnsupportedError("An answer is right or wrong: there are no partly right ones.")
    answer, *others = (_show(option.text) for option in options)
    return _fields(QuestionKind.SHORT_TEXT, answer, accept=others)


def _choices(options: list[_Answer]) -> dict[str, Any]:
    texts = [_show(option.text) for option in options]
    weighted = any(option.weight and option.weight > 0 and not option.is_right for option in options)
    right = [text for text, option in zip(texts, options, strict=True) if option.is_right or (option.weight or 0) > 0]
    if weighted:
        return _fields(QuestionKind.MULTIPLE_CHOICE, right, texts)
    if len(right) != 1:
        raise _UnsupportedError("Of several choices one is right, or each right one has a weight.")
    return _fields(QuestionKind.SINGLE_CHOICE, right[0], texts)


def _hide(text: str) -> str:
    return _ESCAPED.sub(lambda found: _HIDDEN[found[1]], text)


def _show(text: str) -> str:
    return text.strip().translate(_SHOWN)
