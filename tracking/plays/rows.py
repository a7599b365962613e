"""Reading and locking plays and their questions."""

from typing import Any

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery

from levels.models import Question
from tracking.errors import QuestionNotFound, SessionNotFound
from tracking.models import LearningSession, PlayQuestion, SessionQuerySet

# What an answer sets.
ANSWERED = ["answer", "correct", "answered_at", "turn"]
# What presenting and judging a question do not need.
UNUSED = [f"question__{name}" for name in ("position", "published", "draw_key")]


def lock_play(plays: SessionQuerySet, learner: Any, session_id: int) -> LearningSession:
    """Raise SessionNotFound."""
    session = plays.select_related("play").locked().filter(learner=learner, pk=session_id).first()
    if session is None:
        raise SessionNotFound
    return session


def questions_of(session: LearningSession) -> list[PlayQuestion]:
    """In the order in which they are asked."""
    rows = PlayQuestion.objects.filter(play=session.pk).select_related("question").defer(*UNUSED)
    return list(rows.order_by("position"))


def find_question(session: LearningSession, question_id: str) -> PlayQuestion:
    """With `asked`, how many the play asks, and `answered`, how many of them were. Raise QuestionNotFound."""
    rows = PlayQuestion.objects.filter(play=session.pk, question__question_id=question_id)
    row = (
        rows.select_related("question")
        .defer(*UNUSED)
        .annotate(asked=_of_play(Count("pk")), answered=_of_play(Max("turn")))
        .first()
    )
    if row is None:
        raise QuestionNotFound
    return row


def new_questions(session: LearningSession, keys: list[int]) -> list[PlayQuestion]:
    """Unsaved, in this order."""
    questions = Question.objects.defer("position", "published", "draw_key").in_bulk(keys)
    return [
        PlayQuestion(play_id=session.pk, question=questions[key], position=position)
        for position, key in enumerate(keys, start=1)
    ]


def _of_play(aggregate: Count | Max) -> Subquery:
    own: QuerySet[PlayQuestion, Any] = PlayQuestion.objects.filter(play=OuterRef("play")).order_by().values("play")
    return Subquery(own.annotate(value=aggregate).values("value"))
