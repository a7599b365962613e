"""The same events by key, by the learner's token, singly and in batches, at once: one payment an event.

On SQLite these pass by its one writer; the proof is the run on PostgreSQL.
"""

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from gamification.ledger.audit import find_mismatches
from gamification.models import LearnerProfile, LedgerEntry
from skillquest.accounts.models import User
from tests.factories import LevelFactory
from tests.machines.keys import client_with, make_key, make_pupil
from tests.threads import at_once
from tracking.models import CheckIn, Completion

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unlimited")]

THREADS = 6
HOUR = timedelta(hours=1)


@pytest.fixture
def arena(db):
    return LevelFactory(level_id="arena", kind="mode")


@pytest.fixture
def token():
    return make_key(last_used_at=timezone.now() + HOUR)[1]


def result(number):
    moment = timezone.now() - HOUR * number
    return {"client_event_id": str(uuid4()), "level_id": "arena", "score": 900, "occurred_at": moment.isoformat()}


def of(learner, event, kind="level_completion"):
    return {"type": kind, "learner": {"external_id": learner}, **event}


def posting(token, path, body, learner=None):
    def call():
        answer = client_with(token, learner).post(f"/api/v1/{path}", body, format="json")
        assert answer.status_code == 200, answer.content
        return answer.json()

    return call


def paid():
    return LedgerEntry.objects.filter(reference_type="completion").count()


def test_the_same_event_by_every_way_at_once_is_paid_once(sign_in, token, arena):
    pupil = make_pupil("pupil-1")
    own = sign_in(pupil)
    events = [result(number) for number in range(20)]

    def by_token(path, body):
        client = APIClient()
        client.credentials(**own._credentials)

        def call():
            answer = client.post(f"/api/v1/{path}", body, format="json")
            assert answer.status_code == 200, answer.content

        return call

    in_sync = {"events": [{"type": "level_completion", **event} for event in reversed(events)]}
    in_events = {"events": [of("pupil-1", event) for event in events]}
    at_once(
        [
            posting(token, "events", in_events),
            posting(token, "sync", in_sync, "pupil-1"),
            by_token("sync", in_sync),
            *(by_token("levels/complete", event) for event in events[:4]),
            *(posting(token, "levels/complete", event, "pupil-1") for event in events[:4]),
        ]
    )
    assert Completion.objects.count() == paid() == len(events)
    assert not find_mismatches()


def test_batches_about_the_same_learners_in_any_order_pay_each_event_once(token, arena):
    for number in range(12):
        make_pupil(f"pupil-{number}")
    rng = random.Random(1)
    events = [of(f"pupil-{number % 12}", result(number)) for number in range(96)]
    check_ins = [of(f"pupil-{number}", {"client_event_id": str(uuid4())}, "check_in") for number in range(12)]
    batches = [rng.sample([*events, *check_ins], len(events) + len(check_ins)) for _ in range(THREADS)]
    answers = at_once([posting(token, "events", {"events": batch}) for batch in batches])
    statuses = [each["status"] for answer in answers for each in answer["results"]]
    assert statuses.count("created") == len(events) + len(check_ins)
    assert set(statuses) == {"created", "replayed"}
    by_event = [{each["client_event_id"]: {**each, "status": None} for each in answer["results"]} for answer in answers]
    assert by_event == [by_event[0]] * THREADS
    assert (Completion.objects.count(), paid(), CheckIn.objects.count()) == (len(events), len(events), len(check_ins))
    assert not find_mismatches()


def test_learners_who_are_created_by_several_batches_at_once_exist_once(token, arena):
    batches = [[of(f"new-{number}", result(number)) for number in range(20)] for _ in range(THREADS)]
    at_once([posting(token, "events", {"events": batch, "create_learners": True}) for batch in batches])
    assert User.objects.filter(external_id__startswith="new-").count() == 20
    assert LearnerProfile.objects.filter(user__external_id__startswith="new-").count() == 20
    assert Completion.objects.count() == paid() == 20 * THREADS
