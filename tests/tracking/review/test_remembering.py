"""Writing what is remembered: two statements, and no answer is lost when several arrive at once."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import QuestionFactory, UserFactory
from tests.threads import at_once
from tracking.models import QuestionMemory
from tracking.review.memory import FIELDS, follow_answer, new_memory, rating_of
from tracking.review.remembering import remember

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16


def stored():
    return QuestionMemory.objects.values(*FIELDS, "learner", "question").get()


def answer(learner, question, *, correct=True, at, **other):
    with transaction.atomic():
        return remember(learner_id=learner.pk, question=question, correct=correct, at=at, **other)


def values(memory):
    return {name: getattr(memory, name) for name in FIELDS}


def test_the_first_answer_and_the_next_ones_are_stored(learner):
    question, at = QuestionFactory(), timezone.now()
    answer(learner, question, correct=False, at=at)
    expected = new_memory(learner.pk, question, rating_of(correct=False), at)
    assert stored() == values(expected) | {"learner": learner.pk, "question": question.pk}
    answer(learner, question, hint_taken=True, at=at + timedelta(days=1))
    follow_answer(expected, rating_of(correct=True, hint_taken=True), at + timedelta(days=1))
    assert stored() == values(expected) | {"learner": learner.pk, "question": question.pk}


@pytest.mark.parametrize("earlier", [False, True])
def test_an_answer_costs_two_statements(learner, earlier):
    question, at = QuestionFactory(), timezone.now()
    if earlier:
        answer(learner, question, at=at)
    with CaptureQueriesContext(connection) as captured:
        answer(learner, question, at=at)
    assert len([query for query in captured if query["sql"].split()[0] not in {"BEGIN", "COMMIT"}]) == 2


def test_answers_at_once_all_count(learner):
    question, at = QuestionFactory(), timezone.now()
    at_once([lambda: answer(learner, question, correct=False, at=at) for _ in range(THREADS)])
    expected = new_memory(learner.pk, question, rating_of(correct=False), at)
    for _ in range(THREADS - 1):
        follow_answer(expected, rating_of(correct=False), at)
    assert stored() == values(expected) | {"learner": learner.pk, "question": question.pk}


def test_learners_and_questions_have_memories_of_their_own(learner):
    other_learner = UserFactory()
    first, second, at = QuestionFactory(), QuestionFactory(), timezone.now()
    for who, question in [(learner, first), (learner, second), (other_learner, first)]:
        answer(who, question, at=at)
    assert QuestionMemory.objects.count() == 3
