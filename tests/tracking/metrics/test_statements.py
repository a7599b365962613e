"""How many statements events of metrics cost, whatever the history. BEGIN and COMMIT are not counted."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import MetricFactory
from tracking.models import MetricEvent

# Transactional: inside the transaction of a test each call would need savepoints that it does not need in production.
pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/metrics/pages_read/events"


@pytest.fixture
def cost(learner_api):
    def cost(path, body):
        with CaptureQueriesContext(connection) as captured:
            answer = learner_api.post(path, body)
        assert answer.status_code == 200, answer.content
        return len([query for query in captured if query["sql"].split()[0] not in {"BEGIN", "COMMIT"}])

    return cost


def event():
    return {"value": 4, "client_event_id": str(uuid4())}


@pytest.mark.parametrize("earlier", [1, 5_000])
def test_an_event_costs_the_same_with_any_history(cost, learner, earlier):
    """Person, metrics, event, profile, conditions, usage of limits, total, ledger entry, profile, answer."""
    MetricFactory()
    at = timezone.now()
    MetricEvent.objects.bulk_create(
        MetricEvent(
            learner=learner,
            metric_id="pages_read",
            client_event_id=uuid4(),
            value=1,
            counted=1,
            source="api",
            occurred_at=at,
            created_at=at,
        )
        for _ in range(earlier)
    )
    body = event()
    assert (cost(URL, body), cost(URL, body), cost(URL, event())) == (10, 4, 10)


def test_a_completion_with_metrics_costs_one_statement_more(cost, level):
    def completion(**metadata):
        return {"level_id": "level-3", "score": 850, "client_event_id": str(uuid4()), "metadata": metadata}

    MetricFactory(per_day_max=100)
    MetricFactory(metric_id="laps", name="Laps")
    cost("/api/v1/levels/complete", completion())
    assert cost("/api/v1/levels/complete", completion()) == 11 - 1  # no XP the second time: no ledger entry
    assert cost("/api/v1/levels/complete", completion(pages_read=3, laps=2)) == 11
