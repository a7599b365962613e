"""Practising: a hidden question, or one that only others have answered, looks like one that never was."""

import pytest

from tests.factories import QuestionFactory, UserFactory
from tests.tracking.review.practising import known_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden_ids(learner):
    """Of questions that exist, and that the learner may not see."""
    hidden = [
        known_question(learner, published=False, skill="secrets"),
        known_question(learner, level__published=False, skill="secrets"),
        known_question(UserFactory()),
        QuestionFactory(),
    ]
    return [question.question_id for question in hidden]


def seen(response):
    return response.status_code, {**response.json(), "request_id": None}


def test_answering_does_not_tell_which_questions_exist(learner_api, hidden_ids):
    def post(question_id, answer):
        return seen(learner_api.post("/api/v1/review/answer", {"question_id": question_id, "answer": answer}))

    for answer in (True, False, "no answer of this kind"):
        status, told = unknown = post("never-was", answer)
        assert (status, told["code"]) == (404, "question_not_found")
        assert [post(question_id, answer) for question_id in hidden_ids] == [unknown] * len(hidden_ids)


def test_explanations_do_not_tell_which_questions_exist(learner_api, hidden_ids):
    def get(question_id):
        return seen(learner_api.get(f"/api/v1/gamification/explain/review/{question_id}"))

    status, told = unknown = get("never-was")
    assert (status, told["code"]) == (404, "question_not_found")
    assert [get(question_id) for question_id in hidden_ids] == [unknown] * len(hidden_ids)


@pytest.mark.usefixtures("hidden_ids")
def test_the_queue_and_the_skills_name_nothing_hidden_and_nothing_of_others(learner_api):
    queue = learner_api.get("/api/v1/review/queue").json()
    assert (queue["due"], queue["questions"]) == (0, [])
    skills = learner_api.get("/api/v1/skills/me").json()["skills"]
    assert "secrets" not in {each["skill"] for each in skills}
    assert all(each["known"] == each["remembered"] == 0 for each in skills)
