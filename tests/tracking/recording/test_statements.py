"""How many statements a call costs, which does not depend on the history. BEGIN and COMMIT are not counted."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import LevelFactory
from tracking.models import Completion, LearningSession

# Transactional: inside the transaction of a test each call would need savepoints that it does not need in production.
pytestmark = pytest.mark.django_db(transaction=True)

COMPLETE = "/api/v1/levels/complete"
# A new completion: person, level, completion, profile, paid so far, first times, conditions, usage of limits, ledger
# entry, totals, answer; the first one of a day writes the day too.
LATER, FIRST = 11, 12


@pytest.fixture
def cost(learner_api):
    def cost(path, body, **headers):
        with CaptureQueriesContext(connection) as captured:
            answer = learner_api.post(path, body, headers=headers)
        assert answer.status_code in {200, 201}, answer.content
        statements = [query["sql"] for query in captured]
        return len([sql for sql in statements if sql.split()[0] not in {"BEGIN", "COMMIT"}])

    return cost


def body(score=850, **more):
    return {"level_id": "level-3", "score": score, "client_event_id": str(uuid4()), **more}


@pytest.fixture(params=[1, 10_000])
def earlier(request, learner, level):
    at = timezone.now() - timedelta(days=1)
    Completion.objects.bulk_create(
        Completion(
            learner=learner,
            level=level,
            client_event_id=uuid4(),
            score=1,
            max_score=1000,
            level_type="simulation",
            difficulty="normal",
            source="api",
            passed=True,
            perfect=False,
            occurred_at=at,
            created_at=at,
        )
        for _ in range(request.param)
    )


def test_a_completion_costs_the_same_with_1_and_with_10000_earlier_ones(cost, earlier):
    event = body()
    assert (cost(COMPLETE, event), cost(COMPLETE, event), cost(COMPLETE, body(score=900))) == (FIRST, 4, LATER)


def test_without_an_event_id_one_more_statement_looks_for_a_duplicate(cost, earlier):
    event = {"level_id": "level-3", "score": 850}
    assert (cost(COMPLETE, event), cost(COMPLETE, event)) == (FIRST + 1, 4)


def test_an_idempotency_key_adds_two_statements_and_its_replay_takes_three(cost, earlier):
    event, key = body(), {"Idempotency-Key": "k"}
    assert (cost(COMPLETE, event, **key), cost(COMPLETE, event, **key)) == (FIRST + 2, 3)


def play_for_an_hour():
    LearningSession.objects.update(start_time=timezone.now() - timedelta(hours=1))


def test_a_session_costs_the_same_with_any_history(cost, learner_api, earlier):
    started = cost("/api/v1/sessions/start", {"level_id": 3})
    play_for_an_hour()
    session_id = learner_api.get("/api/v1/sessions/progress").json()["active_sessions"][0]["session_id"]
    ended = {"session_id": session_id, "score": 850}
    assert (started, cost("/api/v1/sessions/end", ended), cost("/api/v1/sessions/end", ended)) == (3, FIRST + 1, 3)


def test_an_attempt_costs_a_session_and_one_statement_for_its_challenge(cost, learner_api, level, earlier):
    type(level)._base_manager.update(kind="challenge", max_score=100)  # which keeps no history of changes
    started = cost("/api/v1/attempts", {"challenge_id": level.pk})
    play_for_an_hour()
    submit = f"/api/v1/attempts/{learner_api.get('/api/v1/attempts').json()['results'][0]['id']}/submit"
    assert (started, cost(submit, {"score": 85}), cost(submit, {"score": 85})) == (4, FIRST + 1, 3)


def test_a_result_of_training_costs_a_completion_and_two_statements_more(cost, level, earlier):
    type(level).objects.update(kind="training", max_score=100, metadata={"min_correct": 4, "total_questions": 5})
    result = {"level_id": 3, "score": 85, "total_questions": 5, "correct_answers": 4}
    submit = "/api/v1/training/progress/submit"
    assert (cost(submit, result), cost(submit, result)) == (FIRST + 3, 6)


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_of_attempts_costs_two_statements(learner_api, learner, count):
    for _ in range(count):
        challenge = LevelFactory(kind="challenge", max_score=100)
        attempt = learner_api.post("/api/v1/attempts", {"challenge_id": challenge.pk}).json()
        learner_api.post(f"/api/v1/attempts/{attempt['id']}/submit", {"score": 85})
    with CaptureQueriesContext(connection) as captured:
        assert len(learner_api.get("/api/v1/attempts").json()["results"]) == count
    assert len(captured) == 2
