"""Statements of a batch do not grow with its events. Literal numbers on PostgreSQL, where lists are never split."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import LevelFactory
from tests.machines.keys import client_with, make_key
from tests.shipped_catalogue import load_whole_catalogue

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes long lists in parts"),
]


@pytest.fixture
def cost():
    """`cost(learners, events of each)` -> statements of a batch of new events about learners who have a history."""
    load_whole_catalogue()
    required = []
    for number in range(10):
        required = [LevelFactory(level_id=f"step-{number}", prerequisites=required)]
    client = client_with(make_key(last_used_at=timezone.now() + timedelta(hours=1))[1])

    def send(learners, count, *, learner_first):
        at = timezone.now() - timedelta(days=9)
        events = [
            {
                "type": "level_completion",
                "client_event_id": str(uuid4()),
                "learner": {"external_id": f"pupil-{learner}"},
                "level_id": f"step-{number % 10}",
                "score": 1000,
                "metadata": {"language": "de", "words_learned": number},
                "occurred_at": (at + timedelta(days=number % 9, seconds=number)).isoformat(),
            }
            for number in range(count)
            for learner in range(learner_first, learner_first + learners)
        ]
        body = {"events": events, "create_learners": True}
        with CaptureQueriesContext(connection) as captured:
            answer = client.post("/api/v1/events", body, format="json")
        assert {result["status"] for result in answer.json()["results"]} == {"created"}
        return len(captured)

    def cost(learners, count):
        send(learners, 10, learner_first=0)
        return send(learners, count, learner_first=0)

    return cost


# Learners, levels, what was recorded, completions; profiles, prerequisites, what was passed, what can be earned (3),
# what was paid, first times, days; what is written of each, and the answers. Some are needed only now and then.
STATEMENTS = 26


def test_a_thousand_events_cost_what_a_hundred_of_the_same_learners_cost(cost):
    few, many = cost(10, 10), cost(10, 100)
    assert max(few, many) <= STATEMENTS
    assert many <= few + 3


def test_ten_learners_cost_what_a_hundred_cost(cost):
    assert cost(10, 10) == cost(100, 10) <= STATEMENTS
