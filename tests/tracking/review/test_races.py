"""Real threads on a real database: a question that is due is counted and paid once. The proof is PostgreSQL."""

import pytest
from django.db import transaction
from django.utils import timezone

from gamification.models import ActivityDay, LearnerProfile, LedgerEntry
from tests.threads import at_once, posting
from tests.tracking.review.practising import known_question, known_questions, memory_of
from tracking.models import Review
from tracking.review.remembering import remember

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 32
URL = "/api/v1/review/answer"


def answering(client, question, answer=True):
    return posting(client, URL, {"question_id": question.question_id, "answer": answer})


def test_one_answer_sent_many_times_at_once_counts_once(learner_api, learner):
    question = known_question(learner)
    answers = at_once([answering(learner_api, question) for _ in range(THREADS)])
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert (Review.objects.count(), LedgerEntry.objects.count()) == (1, 1)
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 1


def test_different_answers_at_once_one_counts_and_the_others_are_told(learner_api, learner):
    question = known_question(learner, kind="number", answer=1)
    answers = at_once([answering(learner_api, question, number) for number in range(1, THREADS + 1)])
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (THREADS - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already_answered"}
    assert Review.objects.count() == 1


def test_the_most_of_a_date_holds_at_once(learner_api, learner):
    questions = known_questions(THREADS, learner)
    answers = at_once([answering(learner_api, question) for question in questions])
    assert sum(answer.json()["awarded_xp"] for answer in answers) == 20
    assert sorted(answer.json()["reviewed_today"] for answer in answers) == list(range(1, THREADS + 1))
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 20
    assert ActivityDay.objects.filter(completed=True).count() == 1


def test_a_review_and_a_play_at_once_both_count(learner_api, learner):

    question = known_question(learner)

    def play():
        with transaction.atomic():
            remember(learner_id=learner.pk, question=question, correct=True, at=timezone.now())

    answers = at_once([answering(learner_api, question), play])
    assert answers[0].status_code in {200, 409}  # not due any more if the play was first
    assert (Review.objects.count() == 1) == (answers[0].status_code == 200)
    assert memory_of(learner, question).stability > 10
