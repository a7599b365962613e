"""What is to be practised: GET review/queue."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import LevelFactory, QuestionFactory, UserFactory
from tests.tracking.review.practising import known_question, known_questions, memory_of
from tracking.review.questions import review_queue

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:30:00Z", tick=False)


def queue(client):
    answer = client.get("/api/v1/review/queue")
    assert answer.status_code == 200, answer.content
    return answer.json()


def ids(answer):
    return [question["question_id"] for question in answer["questions"]]


def test_nothing_is_due_before_anything_was_answered(learner_api):
    QuestionFactory()
    assert queue(learner_api) == {"success": True, "due": 0, "questions": []}


def test_a_question_is_shown_without_what_is_right(learner_api, learner):
    question = known_question(learner, prompt="Is *7* prime?")
    assert queue(learner_api) == {
        "success": True,
        "due": 1,
        "questions": [
            {
                "question_id": question.question_id,
                "kind": "true_false",
                "prompt_html": "<p>Is <em>7</em> prime?</p>",
                "prompt_text": "Is 7 prime?",
                "choices": [],
                "matches": [],
                "has_hint": False,
            }
        ],
    }


def test_what_was_wrong_comes_first_and_then_the_longest_overdue(learner_api, learner):
    late, later = known_question(learner, ago=10 * DAY), known_question(learner, ago=20 * DAY)
    wrong = known_question(learner, correct=False, ago=HOUR)
    known_question(learner, ago=DAY)  # not due
    answer = queue(learner_api)
    assert (answer["due"], ids(answer)) == (3, [q.question_id for q in (wrong, later, late)])


def test_at_most_twenty_are_shown_and_all_are_counted(learner_api, learner):
    known_questions(23, learner)
    answer = queue(learner_api)
    assert (answer["due"], len(answer["questions"])) == (23, 20)


def test_only_published_questions_of_visible_levels_are_asked(learner_api, learner):
    known_question(learner, published=False)
    known_question(learner, level=LevelFactory(published=False))
    assert queue(learner_api)["due"] == 0


def test_everybody_has_a_queue_of_their_own(learner_api, api):
    known_question(UserFactory())
    assert queue(learner_api)["due"] == 0
    assert api.get("/api/v1/review/queue").status_code == 401


def test_choices_keep_their_order_until_the_question_is_answered(learner):
    choices = [f"choice {number}" for number in range(8)]
    question = known_question(learner, correct=False, kind="single_choice", choices=choices, answer="choice 3")

    def order(wait=HOUR):
        shown = review_queue(learner=learner, at=timezone.now() + wait)["questions"][0]["choices"]
        return [choice["text"] for choice in shown]

    first = order()
    assert (sorted(first), order(2 * HOUR)) == (choices, first)
    memory = memory_of(learner, question)
    memory.last_review += HOUR
    memory.save()
    assert order() != first


@pytest.mark.parametrize("count", [1, 20, 40])
def test_a_queue_costs_a_constant_number_of_statements(learner, count):
    known_questions(count, learner)
    with CaptureQueriesContext(connection) as captured:
        review_queue(learner=learner, at=timezone.now())
    assert len(captured) <= 2
