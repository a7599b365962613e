from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.factories import LevelFactory

# Noon of a Friday; every event of these tests happened before it.
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def completion_event(level_id, ago=timedelta(), **more):
    """The event of a completion that happened `ago` before now."""
    moment = (NOW - ago).isoformat().replace("+00:00", "Z")
    event = {"type": "level_completion", "client_event_id": str(uuid4()), "level_id": level_id, "score": 850}
    return {**event, "occurred_at": moment, **more}


def session_event(ago=timedelta(hours=1), **more):
    """The event of a session that started `ago` before now and took five minutes."""
    moment = (NOW - ago).isoformat().replace("+00:00", "Z")
    event = {"type": "session", "client_event_id": str(uuid4()), "start_time": moment, "time_spent": 300, "score": 850}
    return {**event, **more}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def levels(db):
    """Three levels, each of which opens the next."""
    first = LevelFactory(level_id="one", name="The first", xp_reward=10)
    second = LevelFactory(level_id="two", prerequisites=[first])
    return [first, second, LevelFactory(level_id="three", prerequisites=[second])]


@pytest.fixture
def post(learner_api):
    """`post(events)` -> the whole answer."""

    def post(events, client=learner_api, **headers):
        return client.post("/api/v1/sync", {"events": events}, headers=headers)

    return post


@pytest.fixture
def sync(post):
    """`sync(events)` -> the results."""

    def sync(*events, **options):
        answer = post(events, **options)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    return sync


def statuses(results):
    return [result["status"] for result in results]


def codes(results):
    return [result["problem"]["code"] if "problem" in result else result["status"] for result in results]
