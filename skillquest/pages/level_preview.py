"""A level as a learner sees it, question by question, for staff who may view it. Nothing is recorded."""

from collections.abc import Sequence
from datetime import UTC
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from levels.models import Level, Question
from levels.questions.judging import is_right, read_answer

from .access import for_learners, without_nul
from .catalogue import Step
from .questions import Feedback, QuestionForm
from .views import skills_of

SEED = "preview"
# Nobody in particular.
LEARNER = SimpleNamespace(zone=UTC)


@require_safe
@for_learners
def level_preview(request: HttpRequest, level_id: str) -> HttpResponse:
    level = _level_or_refuse(request, level_id)
    step = Step(level, "unlocked")
    context = {"preview": True, "step": step, "level": level, "skills": skills_of(step), "profile": LEARNER}
    return render(request, "pages/level.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_learners
@without_nul
def play_preview(request: HttpRequest, level_id: str) -> HttpResponse:
    """What comes before a play; then each question by its number, and after an answer whether it is right, and why."""
    level = _level_or_refuse(request, level_id, "levels.view_question")
    questions = list(Question.objects.published().filter(level=level))
    context = {
        "preview": True,
        "level": level,
        "asked": _number_asked(level, questions),
        "percent": level.needed_percent,
    }
    number = request.GET.get("question", "")
    if not number:
        return render(request, "pages/play/intro.html", context)
    if not number.isascii() or not number.isdecimal() or not 0 < int(number[:4]) <= len(questions):
        raise Http404
    context |= {"number": int(number), "total": len(questions)}
    return render(request, "pages/play/preview.html", context | _asked(request, questions[int(number) - 1]))


def _level_or_refuse(request: HttpRequest, level_id: str, *more: str) -> Level:
    person = request.user
    if not (person.is_staff and person.has_perms(["levels.view_level", *more])):
        raise PermissionDenied
    level = get_object_or_404(Level.objects.with_has_content(), level_id=level_id)
    level.is_begun = level.is_waiting = False
    return level


def _number_asked(level: Level, questions: Sequence[Question]) -> int:
    return min(len(questions), level.questions_per_play or len(questions))


def _asked(request: HttpRequest, question: Question) -> dict[str, Any]:
    """The question, and what follows from the answer that was sent."""
    data = request.POST if request.method == "POST" else None
    form = QuestionForm(question, SEED, data)
    if data is None:
        return {"form": form}
    try:
        given = read_answer(question, form.answer())
    except ValueError as problem:
        form.error = str(problem)
        return {"form": form}
    return {"form": form, "feedback": Feedback(question, answer=given, correct=is_right(question, form.answer()))}
