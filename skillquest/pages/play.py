"""The page on which a level is played. It works without JavaScript; static/skillquest/play/ makes it quicker."""

import re
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe
from rest_framework.exceptions import APIException

from levels.models import Level, Question
from tracking.errors import AlreadyAnswered, AnswerNotUnderstood, QuestionChanged
from tracking.models import LearningSession, PlayQuestion
from tracking.plays.services import answer_question, finish_play, start_play, take_hint

from .access import for_learners, rate_limited, without_nul
from .catalogue import Step, steps_of
from .play_texts import script_texts
from .questions import Incomplete, QuestionForm
from .rounds import Round, context_of, open_play

SESSION_ID = re.compile(r"[0-9]{1,18}")

# Not part of what the learner has chosen or typed.
FORM_KEEPING = ("csrfmiddlewaretoken", "session_id", "question_id")


@require_safe
@for_learners
@ensure_csrf_cookie
def play(request, level_id: str) -> HttpResponse:
    step = step_or_404(request, level_id)
    opened = open_play(request.user, step.level, timezone.now())
    if opened:
        return show_round(request, step.level, Round.of(opened))
    if not step.has_content:
        raise Http404
    return show_intro(request, step) if step.is_playable_here else redirect("level", level_id)


@require_POST
@for_learners
@rate_limited("write")
def start(request, level_id: str) -> HttpResponse:
    step = step_or_404(request, level_id)
    try:
        start_play(learner=request.user, level=level_id, at=timezone.now())
    except APIException as refused:
        return show_intro(request, step, problem=refused)
    return redirect("play", level_id)


@require_POST
@for_learners
@rate_limited("write")
@without_nul
def hint(request, level_id: str) -> HttpResponse:
    """What is half typed goes with the address: the page shows it again."""
    question_id = request.POST.get("question_id", "")
    try:
        take_hint(learner=request.user, session_id=session_of(request), question_id=question_id, at=timezone.now())
    except APIException:
        return redirect("play", level_id)  # which shows how the play stands
    typed = [(name, value) for name, values in request.POST.lists() for value in values if name not in FORM_KEEPING]
    return to_question(level_id, question_id, typed)


@require_POST
@for_learners
@rate_limited("write")
@without_nul
def answer(request, level_id: str) -> HttpResponse:
    level = step_or_404(request, level_id).level
    opened = open_play(request.user, level, timezone.now())
    round_ = Round.of(opened) if opened and opened.pk == session_of(request) else None
    row = round_.row(request.POST.get("question_id")) if round_ else None
    if row is None:  # the play has ended, in another tab or long ago
        return to_result(request) or redirect("play", level_id)
    try:
        is_again = send_answer(request, round_, row)
    except (Incomplete, AnswerNotUnderstood, QuestionChanged) as problem:
        context = context_of(round_, level, row, request.POST)
        context["asked"].form.error = sentence_of(problem)
        return show(request, context)
    except APIException:
        return to_result(request) or redirect("play", level_id)
    return to_question(level_id, row.question.question_id, [("again", "1")] if is_again else [])


@require_POST
@for_learners
@rate_limited("write")
def finish(request, level_id: str) -> HttpResponse:
    session_id = session_of(request)
    try:
        finish_play(learner=request.user, session_id=session_id, at=timezone.now())
    except APIException:
        return to_result(request) or redirect("play", level_id)
    return redirect("play-result", session_id)


def send_answer(request, round_: Round, row: PlayQuestion) -> bool:
    """Whether it had been answered before. Raises Incomplete, or a refusal of the service."""
    given = QuestionForm(row.question, round_.play.seed, request.POST).answer()
    try:
        answer_question(
            learner=request.user,
            session_id=round_.session_id,
            question_id=row.question.question_id,
            answer=given,
            at=timezone.now(),
        )
    except AlreadyAnswered:
        return True
    return row.answered_at is not None


def show_intro(request, step: Step, problem: APIException | None = None) -> HttpResponse:
    level = step.level
    questions = Question.objects.published().filter(level=level).count()
    context = {
        "level": level,
        "asked": min(questions, level.questions_per_play or questions),
        "percent": level.needed_percent,
        "problem": problem and sentence_of(problem),
    }
    return render(request, "pages/play/intro.html", context)


def show_round(request, level: Level, round_: Round) -> HttpResponse:
    """The question that the address names, or the first one without an answer."""
    row = round_.row(request.GET.get("question")) or next(iter(round_.left), None)
    context = context_of(round_, level, row, request.GET)
    return show(request, context | {"answered_before": "again" in request.GET})


def show(request, context: dict) -> HttpResponse:
    return render(request, "pages/play/play.html", context | {"texts": script_texts()})


def to_question(level_id: str, question_id: str, more: list[tuple[str, str]]) -> HttpResponse:
    return redirect(f"{reverse('play', args=[level_id])}?{urlencode([('question', question_id), *more])}")


def to_result(request) -> HttpResponse | None:
    session_id = session_of(request)
    mine = LearningSession.objects.ended().filter(learner=request.user, pk=session_id, is_play=True)
    return redirect("play-result", session_id) if mine.exists() else None


def session_of(request) -> int:
    session_id = request.POST.get("session_id", "")
    return int(session_id) if SESSION_ID.fullmatch(session_id) else 0


def sentence_of(problem: Incomplete | APIException) -> str:
    return str(problem.detail if isinstance(problem, APIException) else problem)


def step_or_404(request, level_id: str) -> Step:
    steps = steps_of(request.user, Level.objects.visible().filter(level_id=level_id))
    if not steps:
        raise Http404
    return steps[0]
