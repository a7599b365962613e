"""A question as pages show it: a form to answer it, and afterwards what was right."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from levels.choices import QuestionKind
from levels.models import Question
from levels.questions.markdown import to_html
from levels.questions.presenting import correct_answer, present

# An address, or a line of a log: it has no columns to keep, so it is wrapped and seen whole.
ONE_LINE = re.compile(r"<pre>(?=<code>[^\n]*\n?</code></pre>)")


class Incomplete(ValueError):  # noqa: N818 - it says what it is
    """The form lacks something; the message says what."""


@dataclass(frozen=True)
class Option:
    """Something that can be chosen. `value` is what the form sends for it."""

    value: str
    html: SafeString
    chosen: bool


@dataclass(frozen=True)
class Row:
    """A text of an ordering or matching question, with the field that its place or its match is chosen in."""

    name: str
    value: str
    html: SafeString
    options: list[Option]


class QuestionForm:
    """A question, with what the learner has chosen or typed so far."""

    def __init__(self, question: Question, seed: str, data: QueryDict | None = None) -> None:
        self._presented = present(question, seed)
        self._data = QueryDict() if data is None else data
        self.question_id, self.kind, self.skill = question.question_id, question.kind, question.translated("skill")
        self.prompt = _on_page(self._presented["prompt_html"])
        self.has_hint, self.hint = bool(question.hint), _on_page(to_html(question.translated("hint")))
        self.error = ""

    @property
    def is_multiple(self) -> bool:
        return self.kind == QuestionKind.MULTIPLE_CHOICE

    @property
    def text(self) -> str:
        return self._data.get("answer", "")

    @property
    def options(self) -> list[Option]:
        chosen = self._data.getlist("answer")
        if self.kind == QuestionKind.TRUE_FALSE:
            return [Option("true", _("True"), "true" in chosen), Option("false", _("False"), "false" in chosen)]
        return [Option(id_, html, id_ in chosen) for id_, html in self.choices.items()]

    @property
    def rows(self) -> list[Row]:
        return [Row(name := f"to-{id_}", id_, html, self._targets(name)) for id_, html in self.choices.items()]

    @property
    def choices(self) -> dict[str, SafeString]:
        return _by_id(self._presented["choices"])

    @property
    def matches(self) -> dict[str, SafeString]:
        return _by_id(self._presented["matches"])

    def _targets(self, name: str) -> list[Option]:
        """Places of an ordering, matches of a matching question."""
        places = {str(place): str(place) for place in range(1, len(self.choices) + 1)}
        targets = places if self.kind == QuestionKind.ORDERING else self.matches
        return [Option(value, text, value == self._data.get(name)) for value, text in targets.items()]

    def answer(self) -> Any:
        """As the API takes it. Raises Incomplete."""
        return READERS[QuestionKind(self.kind)](self)

    def targets_chosen(self) -> dict[str, str]:
        chosen = {id_: self._data.get(f"to-{id_}", "") for id_ in self.choices}
        if not all(chosen.values()):
            raise Incomplete(_("Something is still missing: choose one for each line."))
        return chosen


def _truth(form: QuestionForm) -> bool:
    if form.text not in ("true", "false"):
        raise Incomplete(_("Choose true or false."))
    return form.text == "true"


def _choice(form: QuestionForm) -> str:
    if not form.text:
        raise Incomplete(_("Choose an answer."))
    return form.text


def _choices(form: QuestionForm) -> list[str]:
    chosen = [option.value for option in form.options if option.chosen]
    if not chosen:
        raise Incomplete(_("Choose at least one answer."))
    return chosen


def _order(form: QuestionForm) -> list[str]:
    places = form.targets_chosen()
    if len(set(places.values())) < len(places) or not all(place.isdecimal() for place in places.values()):
        raise Incomplete(_("Two lines have the same place. Give each line a place of its own."))
    return sorted(places, key=lambda id_: int(places[id_]))


def _pairs(form: QuestionForm) -> dict[str, str]:
    return form.targets_chosen()


def _text(form: QuestionForm) -> str:
    if not form.text.strip():
        raise Incomplete(_("Type an answer."))
    return form.text


READERS: dict[QuestionKind, Callable[[QuestionForm], Any]] = {
    QuestionKind.TRUE_FALSE: _truth,
    QuestionKind.SINGLE_CHOICE: _choice,
    QuestionKind.MULTIPLE_CHOICE: _choices,
    QuestionKind.ORDERING: _order,
    QuestionKind.MATCHING: _pairs,
    QuestionKind.SHORT_TEXT: _text,
    QuestionKind.NUMBER: _text,
}


@dataclass(frozen=True)
class AnswerLine:
    """One part of an answer. `correct` is None where the whole answer has only one."""

    html: str
    correct: bool | None = None


class Feedback:
    """An answered question: what was answered, what is right, and why."""

    def __init__(self, question: Question, *, answer: Any, correct: bool) -> None:
        self._form = QuestionForm(question, "")
        self.question_id, self.prompt, self.correct = question.question_id, self._form.prompt, correct
        self.skill, self.is_ordered = self._form.skill, question.kind == QuestionKind.ORDERING
        right = correct_answer(question)
        self.right = [AnswerLine(html) for html in self._lines(right)]
        self.given = self._marked(answer, right)
        self.explanation = _on_page(to_html(question.translated("explanation")))

    def _marked(self, answer: Any, right: Any) -> list[AnswerLine]:
        """A wrong answer of several parts has some that are right all the same."""
        lines, right_lines = self._lines(answer), self._lines(right)
        if self.correct or not isinstance(answer, list | dict):
            return [AnswerLine(html) for html in lines]
        if self.is_ordered:
            return [AnswerLine(html, html == other) for html, other in zip(lines, right_lines, strict=False)]
        return [AnswerLine(html, html in right_lines) for html in lines]

    def _lines(self, answer: Any) -> list[str]:
        choices = self._form.choices
        match answer:
            case bool():
                return [_("True") if answer else _("False")]
            case dict():
                matches = self._form.matches
                pairs = [(choices.get(left), matches.get(right)) for left, right in answer.items()]
                return [_pair(left, right) for left, right in pairs if left and right]
            case list():
                return [choices[id_] for id_ in answer if id_ in choices]
        return [choices.get(str(answer), str(answer))]


def _on_page(html: str) -> SafeString:
    """Blocks of code of several lines are reached by keys, because on a phone they scroll sideways."""
    wrapped = ONE_LINE.sub('<pre class="one-line">', html)
    return mark_safe(wrapped.replace("<pre>", '<pre tabindex="0">'))  # noqa: S308 -- cleaned by nh3


def _pair(left: SafeString, right: SafeString) -> SafeString:
    return format_html("{} → {}", left, right)


def _by_id(choices: list[dict[str, str]]) -> dict[str, SafeString]:
    return {choice["id"]: mark_safe(choice["html"]) for choice in choices}  # noqa: S308 -- cleaned by nh3
