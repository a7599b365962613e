"""A question as the form that learners answer, for the template of their page."""

from typing import Any

from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from levels.choices import QuestionKind
from levels.models import Question
from levels.questions.presenting import present


def form_of(question: Question) -> dict[str, Any]:
    presented = present(question, "preview")
    choices = _fields(presented["choices"])
    if question.kind == QuestionKind.TRUE_FALSE:
        choices = [{"value": "true", "html": _("True")}, {"value": "false", "html": _("False")}]
    targets = _fields(presented.get("matches", [])) or [
        {"value": place, "html": str(place)} for place in _places(choices)
    ]
    return {
        "kind": question.kind,
        "question_id": question.question_id,
        "is_multiple": question.kind == QuestionKind.MULTIPLE_CHOICE,
        "prompt": mark_safe(presented["prompt_html"]),  # noqa: S308 -- cleaned by nh3
        "options": choices,
        "rows": [{**choice, "name": f"to-{choice['value']}", "options": targets} for choice in choices],
    }


def _fields(choices: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"value": one["id"], "html": mark_safe(one["html"])} for one in choices]  # noqa: S308 -- cleaned by nh3


def _places(choices: list[dict[str, str]]) -> list[str]:
    return [str(place) for place, _choice in enumerate(choices, 1)]
