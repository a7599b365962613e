"""How many statements a play costs, which does not depend on how many questions the level has."""

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from levels.models import Question
from tests.tracking.plays.content import QuestionFactory

pytestmark = pytest.mark.django_db(transaction=True)

START = "/api/v1/levels/level-3/play"


@pytest.fixture
def cost(learner_api):
    def cost(path, body=None):
        with CaptureQueriesContext(connection) as captured:
            answer = learner_api.post(path, body)
        assert answer.status_code == 200, answer.content
        return len([query for query in captured if query["sql"].split()[0] not in {"BEGIN", "COMMIT"}])

    return cost


@pytest.fixture(params=[100, 10_000])
def pool(request, level):
    level.questions_per_play = 10
    level.save()
    # Without their history, which is not read here.
    QuerySet(Question).bulk_create(QuestionFactory.build_batch(request.param, level=level), batch_size=500)


@pytest.mark.usefixtures("unlimited")
def test_a_play_costs_the_same_with_100_and_with_10000_questions(cost, learner_api, pool):
    # Person, level, session; missed ones, those never seen; play, their texts, questions.
    assert cost(START) == 8
    assert cost(START) == 5
    play = learner_api.post(START).json()
    path, (first, second, *_) = f"/api/v1/plays/{play['session_id']}", play["questions"]
    answer = {"question_id": first["question_id"], "answer": True}
    # Person, session, question, answer, and two for what the learner remembers.
    assert (cost(f"{path}/answer", answer), cost(f"{path}/answer", answer)) == (6, 3)
    assert cost(f"{path}/answer", {"question_id": second["question_id"], "answer": False}) == 6
    end_of_session(cost, learner_api)  # the first one fills caches
    finished, again = cost(f"{path}/finish"), cost(f"{path}/finish")
    assert (finished - end_of_session(cost, learner_api) <= 1, again) == (True, 3)


def end_of_session(cost, learner_api):
    session = learner_api.post("/api/v1/sessions/start", {"level_id": 3}).json()["session_id"]
    return cost("/api/v1/sessions/end", {"session_id": session, "score": 850})
