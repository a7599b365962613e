"""How many statements a review costs, whatever the history. BEGIN and COMMIT are not counted."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.tracking.review.practising import known_question, known_questions
from tracking.models import Review

# Transactional: inside the transaction of a test each call would need savepoints that it does not need in production.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cost(learner_api):
    def cost(method, path, body=None):
        with CaptureQueriesContext(connection) as captured:
            answer = getattr(learner_api, method)(f"/api/v1/{path}", body)
        assert answer.status_code == 200, answer.content
        return len([query for query in captured if query["sql"].split()[0] not in {"BEGIN", "COMMIT"}])

    return cost


@pytest.mark.parametrize("earlier", [1, 2_000])
def test_an_answer_costs_the_same_with_any_history(cost, learner, earlier):
    """Person, memory, memory, profile, reviews of the date, review, conditions, ledger entry, profile, remaining,
    review; a retry needs only three."""
    done, new, wrong = known_questions(3, learner)
    Review.objects.bulk_create(
        Review(
            learner=learner,
            question=done,
            answer=True,
            correct=True,
            date=date(2020, 1, 1),
            reviewed_at=timezone.now(),
        )
        for _ in range(earlier)
    )
    body = {"question_id": new.question_id, "answer": True}
    assert (cost("post", "review/answer", body), cost("post", "review/answer", body)) == (11, 3)
    assert cost("post", "review/answer", {"question_id": wrong.question_id, "answer": False}) == 9


@pytest.mark.parametrize("count", [1, 40])
def test_what_is_read_costs_the_same_however_much_is_known(cost, learner, count):
    questions = [known_question(learner, skill=f"skill {number}") for number in range(count)]
    assert cost("get", "skills/me") == 3
    assert cost("get", f"gamification/explain/review/{questions[0].question_id}") == 3
