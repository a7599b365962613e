"""How much of each skill is remembered: GET skills/me."""

from datetime import timedelta

import pytest

from tests.factories import LevelFactory, QuestionFactory, UserFactory
from tests.tracking.review.practising import known_question

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def skills(client):
    answer = client.get("/api/v1/skills/me")
    assert answer.status_code == 200, answer.content
    return answer.json()["skills"]


def test_a_skill_is_the_share_of_its_questions_that_are_remembered(learner_api, learner):
    for correct, ago in [(True, HOUR), (True, HOUR), (True, timedelta(days=60)), (False, HOUR)]:
        known_question(learner, correct=correct, ago=ago, skill="phishing")
    for _ in range(3):
        QuestionFactory(skill="phishing")
    known_question(learner, correct=False, ago=HOUR, skill="backups")
    QuestionFactory(skill="never asked")
    assert skills(learner_api) == [
        {"skill": "backups", "questions": 1, "known": 1, "remembered": 0, "percent": 0},
        {"skill": "phishing", "questions": 7, "known": 4, "remembered": 2, "percent": 28},
    ]


def test_only_what_can_be_practised_counts(learner_api, learner):
    known_question(learner, ago=HOUR, skill="")
    known_question(learner, ago=HOUR, published=False)
    known_question(learner, ago=HOUR, level=LevelFactory(published=False))
    known_question(UserFactory(), ago=HOUR)
    assert skills(learner_api) == []


def test_a_wrong_answer_that_is_not_due_yet_is_not_remembered(learner_api, learner):
    known_question(learner, correct=False, ago=timedelta(minutes=1))
    assert skills(learner_api)[0]["remembered"] == 0
