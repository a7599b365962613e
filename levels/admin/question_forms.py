from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.html import format_html, format_html_join

from catalogues.texts import normal_form
from catalogues.translation_forms import TranslatedForm
from levels.choices import QuestionKind
from levels.models import Level
from levels.questions.lines import read_lines, read_translated_lines, to_lines, to_translated_lines
from levels.questions.numbers import as_decimal, as_number
from levels.questions.translating import TEXTS

HOW_TO_ANSWER = {
    QuestionKind.TRUE_FALSE: "true or false",
    QuestionKind.SINGLE_CHOICE: "2 to 8 choices, one a line; the right one begins with “* ”",
    QuestionKind.MULTIPLE_CHOICE: "3 to 8 choices, one a line; the right ones begin with “* ”",
    QuestionKind.ORDERING: "3 to 8 texts, one a line, in the right order",
    QuestionKind.MATCHING: "3 to 6 lines “left :: right”; up to 4 lines “:: right” for what fits nothing",
    QuestionKind.SHORT_TEXT: "the answer, and below it other texts that are right, one a line",
    QuestionKind.NUMBER: "the number; how far off an answer may be is the tolerance",
}
# The model's fields that the form shows as lines.
LINES = "answer_lines"
SHOWN_AS = {"choices": LINES, "answer": LINES, "accept": LINES}


TRANSLATED_LINES = (
    "In the order of the row's own language, without a mark: which choice is right follows from its place. Further "
    "lines of a short text are right too. Left empty for true or false and for a number."
)


def how_to_answer() -> str:
    rows = ((kind.label.capitalize(), words) for kind, words in HOW_TO_ANSWER.items())
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", rows))


class QuestionForm(TranslatedForm):
    long_texts = ["prompt", "hint", "explanation", LINES]

    answer_lines = forms.CharField(
        label="Choices and answer",
        widget=forms.Textarea(attrs={"rows": 8, "cols": 80}),
        max_length=10_000,
        help_text=how_to_answer(),
    )
    tolerance = forms.CharField(required=False, max_length=40, help_text="Only for a number. Left empty: none.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk is None:
            self._suggest_a_place()
        else:
            self.initial["answer_lines"] = to_lines(self.instance)
            self.initial["tolerance"] = tolerance_of(self.instance)

    def _suggest_a_place(self) -> None:
        for name, words in (("question_id", "from its level and position"), ("position", "behind the others")):
            self.fields[name].required = False
            self.fields[name].help_text = f"Left empty: {words}."
        self.fields["position"].initial = None

    @staticmethod
    def names_of(row: Any) -> list[str]:  # noqa: ARG004
        """For each kind, since the kind may be changed on the same page."""
        prompt, *others = TEXTS
        return [prompt, LINES, *others]

    def text_field(self, name: str) -> forms.CharField:
        field = super().text_field(name)
        if name == LINES:
            field.label, field.help_text = "Choices and answer", TRANSLATED_LINES
        return field

    def written(self, name: str, texts: Mapping[str, Any]) -> str:
        return to_translated_lines(self.instance.kind, texts) if name == LINES else super().written(name, texts)

    def read(self, name: str, written: str) -> dict[str, Any]:
        if name == LINES:
            return read_translated_lines(self.cleaned_data.get("kind", ""), written)
        return super().read(name, written)

    def place_of(self, name: str) -> str:
        return SHOWN_AS.get(name, name)

    def clean_tolerance(self) -> int | float | None:
        text = self.cleaned_data["tolerance"]
        number = as_decimal(text) if text else None
        if text and number is None:
            raise ValidationError("Give a number.")
        return None if number is None else as_number(number)

    def clean(self) -> None:
        super().clean()
        if self.instance.pk is None and (level := self.cleaned_data.get("level")):
            self._take_a_place(level)
        if {"kind", "answer_lines", "tolerance"} <= self.cleaned_data.keys():
            self._set_answer(**{name: self.cleaned_data[name] for name in ("kind", "answer_lines", "tolerance")})

    def _take_a_place(self, level: Level) -> None:
        if self.cleaned_data.get("position", 0) is None:
            last = level.questions.aggregate(last=Max("position"))["last"]
            self.cleaned_data["position"] = 0 if last is None else last + 1
        if self.cleaned_data.get("question_id") == "":
            self.cleaned_data["question_id"] = f"{level.level_id}-q{self.cleaned_data.get('position', 0) + 1}"

    def _set_answer(self, *, kind: str, answer_lines: str, tolerance: int | float | None) -> None:
        try:
            values = read_lines(kind, normal_form(answer_lines))
        except ValueError as error:
            self.add_error("answer_lines", str(error))
            return
        if kind != QuestionKind.NUMBER and tolerance is not None:
            self.add_error("tolerance", "Only a number has a tolerance.")
        accept = {"tolerance": tolerance} if tolerance is not None else []
        for name, value in {"accept": accept, **values}.items():
            setattr(self.instance, name, value)

    def add_error(self, field: str | None, error: Any) -> None:
        """What the model finds wrong in a field that the form shows in another way is shown there."""
        if hasattr(error, "error_dict"):
            moved: dict[str, list[ValidationError]] = {}
            for name, errors in error.error_dict.items():
                moved.setdefault(SHOWN_AS.get(name, name), []).extend(errors)
            error = ValidationError(moved)
        super().add_error(field, error)


def tolerance_of(question: Any) -> str:
    return str(question.accept["tolerance"]) if isinstance(question.accept, dict) and question.accept else ""
