"""Writing what learners remember: after each answer, in a play or while practising."""

from datetime import datetime

from hotsql.querysets import Prepared
from hotsql.writes import insert_if_absent, update_rows
from levels.models import Question
from tracking.models import QuestionMemory

from .memory import FIELDS, follow_answer, new_memory, rating_of

_lock = Prepared(
    lambda learner_id, question_id: QuestionMemory.objects.select_for_update(no_key=True).filter(
        learner_id=learner_id, question_id=question_id
    )
)


def remember(
    *, learner_id: int, question: Question, correct: bool, at: datetime, hint_taken: bool = False
) -> QuestionMemory:
    """The learner has answered the question at that moment. Two statements; the row stays locked.

    Call it in the transaction of the answer, after the lock of the session and before that of the profile; for several
    questions in the order of their primary keys.
    """
    rating = rating_of(correct=correct, hint_taken=hint_taken)
    locked = _lock(learner_id, question.pk)
    if not locked:
        memory = new_memory(learner_id, question, rating, at)
        if insert_if_absent(memory, conflict="(learner_id, question_id)"):
            return memory
        locked = _lock(learner_id, question.pk)  # somebody else has inserted it meanwhile
    memory = locked[0]
    follow_answer(memory, rating, at)
    update_rows([memory], FIELDS)
    return memory
