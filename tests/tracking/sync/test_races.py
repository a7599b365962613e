"""Batches at once, with real threads on a real database: one payment an event, one answer, no deadlock.

On SQLite these pass by its one writer; the proof is the run on PostgreSQL.
"""

import random
from datetime import timedelta

import pytest

from gamification.models import LearnerProfile, LedgerEntry
from tests.factories import LevelFactory
from tests.threads import at_once, posting
from tracking.models import Completion, LearningSession
from tracking.recording.services import start_session

from .conftest import NOW, completion_event, session_event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unlimited")]

SYNC = "/api/v1/sync"
THREADS = 6
HOUR = timedelta(hours=1)


@pytest.fixture
def arena(db):
    return LevelFactory(level_id="arena", kind="mode")


def results_of(answers):
    assert {answer.status_code for answer in answers} == {200}, [answer.content for answer in answers]
    return [answer.json()["results"] for answer in answers]


def first_times(batches):
    return sum(result["status"] == "created" for batch in batches for result in batch)


def results_by_event(batch):
    return {result["client_event_id"]: {**result, "status": None} for result in batch}


@pytest.mark.parametrize("send_key", [True, False])
def test_identical_batches_at_once_are_paid_once_and_answered_alike(learner_api, learner, arena, send_key):
    events = [completion_event("arena", HOUR * number) for number in range(60)]
    headers = {"Idempotency-Key": "one"} if send_key else {}
    answers = at_once([posting(learner_api, SYNC, {"events": events}, **headers) for _ in range(THREADS)])
    fresh = [answer for answer in answers if "Idempotent-Replayed" not in answer]
    assert len(fresh) == (1 if send_key else THREADS)
    assert first_times(results_of(fresh)) == len(events)
    first, *others = map(results_by_event, results_of(answers))
    assert others == [first] * (THREADS - 1)
    assert Completion.objects.count() == len(events)
    assert LedgerEntry.objects.filter(reference_type="completion").count() == len(events)


def test_batches_that_overlap_in_any_order_pay_each_event_once(learner_api, arena):
    events = [completion_event("arena", HOUR * number) for number in range(40)]
    rng = random.Random(1)
    batches = [rng.sample(events, 25) for _ in range(THREADS)]
    answers = at_once([posting(learner_api, SYNC, {"events": batch}) for batch in batches])
    told_of = {event["client_event_id"] for batch in batches for event in batch}
    assert first_times(results_of(answers)) == len(told_of)
    lines = LedgerEntry.objects.filter(reference_type="completion")
    assert (Completion.objects.count(), lines.count()) == (len(told_of), len(told_of))


def test_a_batch_and_its_events_one_by_one_at_once_are_paid_once(learner_api, learner, arena):
    events = [completion_event("arena", HOUR * number) for number in range(THREADS)]
    singles = [{name: value for name, value in event.items() if name != "type"} for event in events]
    batch = posting(learner_api, SYNC, {"events": events})
    one_by_one = [posting(learner_api, "/api/v1/levels/complete", body) for body in singles]
    together, *answers = at_once([batch, *one_by_one])
    assert {answer.status_code for answer in answers} == {200}
    new = sum(answer.json()["is_new_completion"] for answer in answers)
    assert first_times(results_of([together])) + new == len(events)
    total = LearnerProfile.objects.get(pk=learner.pk).total_xp
    assert total == sum(LedgerEntry.objects.values_list("delta", flat=True)) >= 18 * len(events)


def test_one_session_ended_by_batches_and_by_itself_at_once_is_paid_once(learner_api, learner, arena):
    session, _ = start_session(learner=learner, level="arena", resume=False, at=NOW - HOUR)
    batches = [posting(learner_api, SYNC, {"events": [session_event(session_id=session.pk)]}) for _ in range(3)]
    ends = [posting(learner_api, "/api/v1/sessions/end", {"session_id": session.pk, "score": 850}) for _ in range(3)]
    answers = at_once([*batches, *ends])
    assert {answer.status_code for answer in answers} == {200}, [answer.content for answer in answers]
    new = sum(answer.json()["is_new_completion"] for answer in answers[3:])
    assert first_times(results_of(answers[:3])) + new == 1
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (1, 1)


def test_offline_sessions_in_identical_batches_are_recorded_once(learner_api, arena):
    events = [session_event(HOUR * number, level_id="arena") for number in range(1, 20)]
    answers = at_once([posting(learner_api, SYNC, {"events": events}) for _ in range(THREADS)])
    assert first_times(results_of(answers)) == len(events)
    assert LearningSession.objects.count() == Completion.objects.count() == len(events)
