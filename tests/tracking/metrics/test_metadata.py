"""Keys of a completion's metadata that are the ids of metrics."""

from uuid import uuid4

import pytest
from django.utils import timezone

from gamification.models import LearnerProfile, LedgerEntry, MetricTotal
from tests.factories import MetricFactory
from tests.machines.keys import client_with, make_key, make_pupil
from tracking.models import Completion
from tracking.recording.services import release_completion

pytestmark = pytest.mark.django_db


@pytest.fixture
def complete(learner_api, level):
    def complete(metadata, *, client=learner_api, status=200, **body):
        event = {"level_id": "level-3", "score": 850, "client_event_id": str(uuid4()), "metadata": metadata, **body}
        answer = client.post("/api/v1/levels/complete", event)
        assert answer.status_code == status, answer.content
        return answer.json()

    return complete


def totals():
    return dict(MetricTotal.objects.values_list("metric_id", "total"))


def factors(answer):
    return {factor["factor"] for factor in answer["xp_breakdown"]}


def test_a_key_that_is_the_id_of_a_metric_counts_and_pays_nothing(complete, learner):
    MetricFactory(xp_per_unit="1")
    plain, counted = complete({}), complete({"pages_read": 7, "hints_used": 1, "unheard_of": 3})
    assert counted["awarded_xp"] <= plain["awarded_xp"]
    stored = Completion.objects.latest("pk")
    assert (stored.metadata, stored.metrics) == ({"hints_used": 1}, {"pages_read": 7})
    assert totals() == {"pages_read": 7}
    assert LearnerProfile.objects.get(pk=learner.pk).counters["pages_read"] == 7
    assert not LedgerEntry.objects.filter(reason="metric").exists()


@pytest.mark.parametrize("value", ["7", 7.5, True, None, 0, -7, [7], {"value": 7}])
def test_what_is_no_positive_whole_number_is_dropped_as_any_unknown_key(complete, value):
    MetricFactory()
    complete({"pages_read": value})
    assert (Completion.objects.get().metrics, totals()) == (None, {})


def test_what_only_server_keys_report_does_not_count_for_a_learner(complete):
    MetricFactory(reported_by="key")
    complete({"pages_read": 7})
    assert totals() == {}
    make_pupil()
    _, token = make_key()
    complete({"pages_read": 7}, client=client_with(token, "pupil-1"))
    assert MetricTotal.objects.values_list("total", "verified_total").get() == (7, 7)


def test_a_metric_that_is_out_of_use_does_not_count(complete):
    MetricFactory(published=False)
    complete({"pages_read": 7})
    assert totals() == {}


def test_a_level_that_was_not_passed_adds_nothing(complete, level):
    level.pass_score = 900
    level.save()
    MetricFactory()
    complete({"pages_read": 7})
    assert totals() == {}


def test_more_than_one_event_may_have_counts_as_the_most(complete):
    MetricFactory(per_event_max=10)
    answer = complete({"pages_read": 10**9})
    assert totals() == {"pages_read": 10}
    assert "metric_limit" in factors(answer)


def test_completions_and_events_share_the_limit_of_a_date(complete, learner_api):
    MetricFactory(per_day_max=20)
    event = {"value": 15, "client_event_id": str(uuid4())}
    assert learner_api.post("/api/v1/metrics/pages_read/events", event).json()["counted"] == 15
    assert "metric_limit" in factors(complete({"pages_read": 15}))
    assert totals() == {"pages_read": 20}


def test_a_retry_is_recognised_although_the_metric_was_made_meanwhile(complete):
    event_id = str(uuid4())
    complete({"pages_read": 7}, client_event_id=event_id)
    MetricFactory()
    assert complete({"pages_read": 7}, client_event_id=event_id)["is_new_completion"] is False
    assert totals() == {}


def test_another_amount_is_another_content(complete):
    MetricFactory()
    event_id = str(uuid4())
    complete({"pages_read": 7}, client_event_id=event_id)
    assert complete({"pages_read": 8}, client_event_id=event_id, status=409)["code"] == "event_id_reused"
    assert complete({"pages_read": 7}, client_event_id=event_id)["is_new_completion"] is False


def test_a_held_completion_counts_when_it_is_released(complete, level):
    level.metadata = {"min_seconds": 60}
    level.save()
    pages = MetricFactory(per_event_max=10)
    assert complete({"pages_read": 12}, time_spent=5)["held"] is True
    assert totals() == {}
    pages.reported_by = "key"
    pages.save()
    release_completion(Completion.objects.get(), at=timezone.now())
    assert totals() == {"pages_read": 10}


def test_sessions_attempts_and_sync_count_too(learner_api, level):
    MetricFactory()
    level.expected_time_seconds = None
    level.save()
    session = learner_api.post("/api/v1/sessions/start", {"level_id": "level-3"}).json()["session_id"]
    learner_api.post("/api/v1/sessions/end", {"session_id": session, "score": 1, "metadata": {"pages_read": 2}})
    body = {"level_id": "level-3", "score": 850, "client_event_id": str(uuid4()), "metadata": {"pages_read": 3}}
    event = {"type": "level_completion", **body, "occurred_at": timezone.now().isoformat()}
    results = learner_api.post("/api/v1/sync", {"events": [event, event]}).json()["results"]
    assert [result["status"] for result in results] == ["created", "replayed"]
    assert totals() == {"pages_read": 5}
