"""What tests of reviews share."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tests.factories import QuestionFactory
from tracking.models import QuestionMemory
from tracking.review.remembering import remember

LONG_AGO = timedelta(days=60)  # a right answer is due again after 2 days


def known_question(learner, *, correct=True, ago=LONG_AGO, **fields):
    """A question that the learner has answered once, that long ago."""
    question = QuestionFactory(**fields)
    with transaction.atomic():
        remember(learner_id=learner.pk, question=question, correct=correct, at=timezone.now() - ago)
    return question


def known_questions(count, learner, **fields):
    return [known_question(learner, **fields) for _ in range(count)]


def memory_of(learner, question):
    return QuestionMemory.objects.get(learner=learner, question=question)
