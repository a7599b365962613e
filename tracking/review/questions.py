"""Which questions a learner practises: those of visible levels that they have answered before."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hotsql.querysets import Prepared
from levels.questions.presenting import present
from tracking.errors import QuestionNotFound
from tracking.models import QuestionMemory

AT_MOST = 20  # at once


def known_to(learner_id: int) -> QuerySet[QuestionMemory]:
    return QuestionMemory.objects.filter(
        learner_id=learner_id, question__published=True, question__level__published=True
    )


def _named(learner_id: int, question_id: str) -> QuerySet[QuestionMemory]:
    return known_to(learner_id).filter(question__question_id=question_id).select_related("question")


_find = Prepared(_named)
_lock = Prepared(
    lambda learner_id, question_id: _named(learner_id, question_id).select_for_update(no_key=True, of=("self",))
)


def find_memory(learner_id: int, question_id: str, *, lock: bool = False) -> QuestionMemory:
    """Raise QuestionNotFound, also for questions that the learner has never answered."""
    found = (_lock if lock else _find)(learner_id, question_id)
    if not found:
        raise QuestionNotFound(_("You have answered no such question."))
    return found[0]


def review_queue(*, learner: Any, at: datetime) -> dict[str, Any]:
    """How many questions are due, and the first of them: those answered wrongly at last, then the longest overdue."""
    first = first_due(learner.pk, at)
    return {"due": count_due(first, learner.pk, at), "questions": [_show(memory) for memory in first]}


def first_due(learner_id: int, at: datetime) -> list[QuestionMemory]:
    return list(due_of(learner_id, at).select_related("question").order_by("correct", "due", "pk")[:AT_MOST])


def count_due(first: list[QuestionMemory], learner_id: int, at: datetime) -> int:
    """`first` are those that first_due has found: all, where they are fewer than it finds at most."""
    return len(first) if len(first) < AT_MOST else due_of(learner_id, at).count()


def due_of(learner_id: int, at: datetime) -> QuerySet[QuestionMemory]:
    return known_to(learner_id).filter(due__lte=at)


def _show(memory: QuestionMemory) -> dict[str, Any]:
    """There are no hints while practising."""
    return {**present(memory.question, seed_of(memory)), "has_hint": False}


def seed_of(memory: QuestionMemory) -> str:
    """Choices stay in the same order until the question is answered."""
    return f"{memory.learner_id}.{memory.question_id}.{memory.last_review.timestamp()}"
