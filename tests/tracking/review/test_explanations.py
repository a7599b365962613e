"""Why a question is due: GET gamification/explain/review/{id}."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import QuestionFactory, UserFactory
from tests.tracking.review.practising import known_question
from tracking.review.remembering import remember

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:30:00Z", tick=False)


def explain(client, question, status=200):
    answer = client.get(f"/api/v1/gamification/explain/review/{question.question_id}")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_question_that_is_due_is_explained(learner_api, learner):
    question = known_question(learner, ago=3 * DAY)
    assert explain(learner_api, question) == {
        "success": True,
        "question_id": question.question_id,
        "correct": True,
        "answered_at": "2026-11-17T10:30:00Z",
        "stability_days": 2.31,
        "retrievability": 0.8809,
        "remembered": False,
        "is_due": True,
        "due_at": "2026-11-19T10:30:00Z",
        "why": (
            "You last answered this question on 17 November 2026, and rightly. The chance that you know it falls to "
            "90% after 2.3 days; now it is 88%, so it has been due since 19 November 2026."
        ),
    }


@pytest.mark.parametrize(
    ("answer", "ago", "why"),
    [
        ({"correct": True}, DAY, "after 2.3 days; now it is 95%, so it is due on 21 November 2026."),
        ({"correct": False}, HOUR, "and wrongly, so it has been due since 20 November 2026."),
        ({"correct": True, "hint_taken": True}, HOUR, "rightly, but with a hint, so it has been due since 20 November"),
    ],
)
def test_the_sentence_says_why(learner_api, learner, answer, ago, why):
    question = QuestionFactory()
    remember(learner_id=learner.pk, question=question, at=timezone.now() - ago, **answer)
    assert why in explain(learner_api, question)["why"]


def test_what_was_never_answered_is_not_explained(learner_api):
    for question in (QuestionFactory(), known_question(UserFactory())):
        assert explain(learner_api, question, status=404)["code"] == "question_not_found"
