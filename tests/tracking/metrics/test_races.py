"""Real threads on a real database: each event counts once, and none is lost. The proof is the run on PostgreSQL."""

from uuid import uuid4

import pytest
from django.utils import timezone

from gamification.models import LearnerProfile, LedgerEntry, MetricTotal
from tests.factories import MetricFactory
from tests.machines.keys import client_with, make_key, make_pupil
from tests.threads import at_once, posting
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.models import MetricEvent

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16
URL = "/api/v1/metrics/pages_read/events"


def state(learner):
    profile = LearnerProfile.objects.get(pk=learner.pk)
    total = MetricTotal.objects.get(learner=learner).total
    assert profile.counters["pages_read"] == total
    assert list(rebuild_profiles(write=False, at=timezone.now())) == []
    return total, profile.total_xp


def test_one_event_sent_many_times_at_once_counts_once(learner_api, learner):
    MetricFactory()
    body = {"value": 8, "client_event_id": str(uuid4())}
    answers = at_once([posting(learner_api, URL, body) for _ in range(THREADS)])
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["is_new_event"] for answer in answers) == 1
    assert {(answer.json()["total"], answer.json()["new_total_xp"]) for answer in answers} == {(8, 2)}
    assert state(learner) == (8, 2)
    assert (MetricEvent.objects.count(), LedgerEntry.objects.count()) == (1, 1)


def test_many_events_at_once_all_count(learner_api, learner):
    MetricFactory()
    bodies = [{"value": 4, "client_event_id": str(uuid4())} for _ in range(THREADS)]
    answers = at_once([posting(learner_api, URL, body) for body in bodies])
    assert sorted(answer.json()["total"] for answer in answers) == [4 * n for n in range(1, THREADS + 1)]
    assert state(learner) == (4 * THREADS, THREADS)


def test_other_values_under_one_event_id_lose_cleanly(learner_api, learner):
    MetricFactory()
    event_id = str(uuid4())
    bodies = [{"value": value, "client_event_id": event_id} for value in range(1, THREADS + 1)]
    answers = at_once([posting(learner_api, URL, body) for body in bodies])
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (THREADS - 1)


def test_the_limit_of_a_date_is_not_exceeded_at_once(learner_api, learner):
    MetricFactory(per_day_max=30)
    bodies = [{"value": 4, "client_event_id": str(uuid4())} for _ in range(THREADS)]
    at_once([posting(learner_api, URL, body) for body in bodies])
    assert state(learner)[0] == 30


def test_one_event_by_key_and_by_the_learners_token_at_once_counts_once(sign_in):
    MetricFactory()
    pupil = make_pupil()
    _, token = make_key()
    body = {"value": 8, "client_event_id": str(uuid4())}
    clients = [client_with(token, "pupil-1"), sign_in(pupil)] * (THREADS // 2)
    answers = at_once([lambda client=client: client.post(URL, body) for client in clients])
    assert sum(answer.json()["is_new_event"] for answer in answers) == 1
    assert state(pupil) == (8, 2)
