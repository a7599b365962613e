"""A challenge, and the requests that start and submit attempts."""

import pytest

from levels.challenges import CHALLENGE
from tests.factories import LevelFactory

URL = "/api/v1/attempts"
NOW = "2026-11-20T10:00:00Z"


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def challenge(db):
    return LevelFactory(level_id="riddle", xp_reward=120, **CHALLENGE)


@pytest.fixture
def start(learner_api, challenge):
    return lambda client=learner_api, **more: client.post(URL, {"challenge_id": challenge.pk}, **more)


@pytest.fixture
def submit(learner_api):
    """`submit(attempt_id, score)`."""
    return lambda attempt_id, score, client=learner_api, headers=None, **more: client.post(
        f"{URL}/{attempt_id}/submit", {"score": score, **more}, headers=headers
    )


def problem(answer):
    return answer.status_code, answer.json()["code"]
