"""A unit of three training levels, and the request that submits a result."""

import pytest

from tests.factories import LevelFactory

SUBMIT, PATH = "/api/v1/training/progress/submit", "/api/v1/training/sections/{}/path"
NOW = "2026-11-20T10:00:00Z"
ANSWERS = {"total_questions": 5, "min_correct": 4}


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOW, tick=False)


def make_step(number, *needed, **fields):
    return LevelFactory(
        **{
            "level_id": f"knots_u1_l{number}",
            "name": f"Knot {number}",
            "number": None,
            "kind": "training",
            "category": "knots",
            "unit": "knots_u1",
            "position": number,
            "max_score": 100,
            "xp_rule": "fixed",
            "xp_reward": 10,
            "metadata": ANSWERS,
            "prerequisites": needed,
            **fields,
        }
    )


@pytest.fixture
def unit(db):
    """Three levels, one after the other."""
    first = make_step(1)
    second = make_step(2, first)
    return first, second, make_step(3, second)


@pytest.fixture
def submit(learner_api, unit):
    """`submit(correct, …)`: four of five right, unless it says otherwise."""

    def submit(correct=4, level_id="knots_u1_l1", client=learner_api, headers=None, **more):
        sent = {"level_id": level_id, "score": 80, "total_questions": 5, "correct_answers": correct}
        return client.post(SUBMIT, {**sent, "time_spent_seconds": 75, **more}, headers=headers)

    return submit


def problem(answer):
    return answer.status_code, answer.json()["code"], answer.json().get("errors")
