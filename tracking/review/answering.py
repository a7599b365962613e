"""Answering a question that is due: judged, remembered and paid once."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from gamification.awards import ReviewAward, add_review, award_batch
from gamification.streaks import local_date
from hotsql.writes import update_rows
from levels.models import Question
from levels.questions.judging import InvalidAnswer, UnknownChoice, is_right, read_answer
from levels.questions.markdown import to_html, to_text
from levels.questions.presenting import correct_answer
from tracking.errors import AlreadyAnswered, AnswerNotUnderstood, NotDue, QuestionChanged
from tracking.idempotency.transactions import recording_transaction
from tracking.models import QuestionMemory, Review
from tracking.recording.admission import learner_refusal
from tracking.recording.answers import represent_reward

from .memory import FIELDS, follow_answer, rating_of
from .questions import due_of, find_memory


@dataclass(frozen=True)
class Reviewed:
    """How many different questions a learner has reviewed on a date, and what that has paid."""

    questions: int
    xp: int


def answer_review(*, learner: Any, question_id: str, answer: Any, at: datetime) -> tuple[dict[str, Any], bool]:
    """What the client is told, and whether the answer is new: the same one again, before the question is due again,
    gets the same.

    Raise TrackingDisabled, QuestionNotFound, NotDue, AlreadyAnswered, AnswerNotUnderstood, QuestionChanged or
    LearnerErased.
    """
    with recording_transaction():
        memory = find_memory(learner.pk, question_id, lock=True)
        if memory.due > at:
            return _replay(memory, answer), False
        if refusal := learner_refusal(learner):
            raise refusal
        return _record(memory, answer, at), True


def _record(memory: QuestionMemory, answer: Any, at: datetime) -> dict[str, Any]:
    question, learner_id = memory.question, memory.learner_id
    given, correct = _judge(memory, answer)
    follow_answer(memory, rating_of(correct=correct), at)
    update_rows([memory], FIELDS)
    with award_batch(learner_id, at=at) as batch:
        day = local_date(batch.profile, at)
        before = _reviewed_on(day, memory)
        review = Review.objects.create(
            learner_id=learner_id, question=question, answer=given, correct=correct, date=day, reviewed_at=at
        )
        reward = add_review(batch, award_of(review, before))
    review.awarded_xp = reward.awarded_xp
    review.response = {
        **_verdict(question, correct=correct),
        "reviewed_today": before.questions + 1,
        "remaining": due_of(learner_id, at).count(),
        **represent_reward(reward),
    }
    update_rows([review], ["awarded_xp", "response"])
    return review.response


def _replay(memory: QuestionMemory, answer: Any) -> dict[str, Any]:
    """The question is not due. If the last answer was a review, a retry of it gets what the first one got."""
    reviews = Review.objects.filter(learner=memory.learner_id, question=memory.question_id)
    last = reviews.order_by("-pk").first()
    if last is None or last.reviewed_at != memory.last_review:
        raise NotDue
    if not _is_same(memory.question, answer, last.answer):
        raise AlreadyAnswered
    response: dict[str, Any] = last.response
    return response


def _is_same(question: Question, answer: Any, before: Any) -> bool:
    """Also where the question has changed since, so that the answer cannot be read any more."""
    try:
        return bool(read_answer(question, answer) == before)
    except (InvalidAnswer, UnknownChoice):
        return bool(answer == before)


def _judge(memory: QuestionMemory, answer: Any) -> tuple[Any, bool]:
    """The answer in its normal form, and whether it is right."""
    question = memory.question
    try:
        return read_answer(question, answer), is_right(question, answer)
    except InvalidAnswer as problem:
        raise AnswerNotUnderstood(str(problem)) from None
    except UnknownChoice as problem:
        if question.updated_at > memory.last_review:
            raise QuestionChanged(_("This question was changed since it was shown. Load the queue again.")) from None
        raise AnswerNotUnderstood(str(problem)) from None


def award_of(review: Review, before: Reviewed) -> ReviewAward:
    return ReviewAward(
        reference_id=str(review.pk),
        subject=subject_of(review.question_id),
        correct=review.correct,
        occurred_at=review.reviewed_at,
        reviewed=before.questions + 1,
        paid_before=before.xp,
    )


def subject_of(question_id: int) -> str:
    """As which ledger entries name a question."""
    return f"question:{question_id}"


def _reviewed_on(day: date, memory: QuestionMemory) -> Reviewed:
    """Before this question; it counts once a date, however often it is answered."""
    others = Count("question", distinct=True, filter=~Q(question=memory.question_id))
    reviews = Review.objects.filter(learner=memory.learner_id, date=day)
    found = reviews.aggregate(questions=others, xp=Sum("awarded_xp", default=0))
    return Reviewed(**found)


def _verdict(question: Question, *, correct: bool) -> dict[str, Any]:
    explanation = question.translated("explanation")
    return {
        "correct": correct,
        "correct_answer": correct_answer(question),
        "explanation_html": to_html(explanation),
        "explanation_text": to_text(explanation),
    }
