"""Rate limits of keys, and Idempotency-Keys that servers send."""

from datetime import timedelta

import pytest
from django.utils import timezone

from skillquest.machines.services import rotate_key
from tests.factories import LevelFactory, StaffFactory
from tracking.models import Completion, IdempotencyKey

from .keys import client_with, make_key, make_pupil

pytestmark = pytest.mark.django_db

LEVEL = "/api/v1/gamification/xp/level"
COMPLETE = "/api/v1/levels/complete"


@pytest.fixture
def limited(settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {
        "key_read": "3/m",
        "key_write": "2/m",
        "key_events": "5/m",
        "read": "1/m",
        "write": "1/m",
    }


def test_reads_and_writes_of_a_key_have_limits_of_their_own(limited):
    make_pupil()
    client = client_with(make_key()[1], "pupil-1")
    reads = [client.get(LEVEL) for _ in range(4)]
    writes = [client.post("/api/v1/gamification/streaks/update") for _ in range(3)]
    assert [answer.status_code for answer in reads] == [200, 200, 200, 429]
    assert [answer.status_code for answer in writes] == [200, 200, 429]
    assert reads[0]["RateLimit-Policy"] == '"key_read";q=3;w=60'
    assert reads[0]["RateLimit"].startswith('"key_read";r=2;t=')
    assert int(reads[3]["Retry-After"]) > 0


def test_the_limit_is_that_of_the_key_and_not_of_the_learner(limited):
    for name in ("pupil-1", "pupil-2"):
        make_pupil(name)
    _, token = make_key()
    answers = [client_with(token, name).get(LEVEL) for name in ["pupil-1", "pupil-2"] * 2]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert client_with(make_key(name="Another")[1], "pupil-1").get(LEVEL).status_code == 200


def test_a_rotated_key_has_no_second_limit(limited):
    make_pupil()
    key, old = make_key()
    at = timezone.now()
    _, new = rotate_key(key, actor=StaffFactory(), until=at + timedelta(hours=1), at=at)
    answers = [client_with(token, "pupil-1").get(LEVEL) for token in [old, new.text] * 2]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


def test_refused_requests_count_too_so_that_nobody_searches_for_ids(limited):
    make_pupil()
    client = client_with(make_key()[1], "nobody")
    assert [client.get(LEVEL).status_code for _ in range(4)] == [404, 404, 404, 429]


def test_keys_that_are_not_accepted_count_for_their_address(limited):
    answers = [client_with("sq_live_wrong").get(LEVEL).status_code for _ in range(2)]
    assert answers == [401, 429]


def test_events_of_a_key_count_for_the_key(limited):
    make_pupil()
    client = client_with(make_key()[1], "pupil-1")
    events = [{"type": "level_completion", "level_id": "none", "score": 1}] * 3
    answers = [client.post("/api/v1/sync", {"events": events}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1]["RateLimit-Policy"] == '"key_events";q=5;w=60'


def test_a_request_with_an_idempotency_key_counts_once(limited):
    make_pupil()
    client = client_with(make_key()[1], "pupil-1")
    level = LevelFactory().level_id
    for number in range(2):
        answer = client.post(COMPLETE, {"level_id": level, "score": 100}, headers={"Idempotency-Key": f"key-{number}"})
        assert answer.status_code == 200


def test_an_idempotency_key_replays_the_answer_for_its_learner():
    for name in ("pupil-1", "pupil-2"):
        make_pupil(name)
    _, token = make_key()
    result = {"level_id": LevelFactory().level_id, "score": 100}
    names = ["pupil-1", "pupil-1", "pupil-2"]
    answers = [client_with(token, name).post(COMPLETE, result, headers={"Idempotency-Key": "k"}) for name in names]
    assert [answer.get("Idempotent-Replayed") for answer in answers] == [None, "true", None]
    assert Completion.objects.count() == 2


def test_learners_cannot_use_up_the_idempotency_key_of_a_server(sign_in):
    pupil = make_pupil()
    result, key = {"level_id": LevelFactory().level_id, "score": 100}, {"Idempotency-Key": "match-7"}
    sign_in(pupil).post(COMPLETE, result | {"score": 1}, headers=key)
    answer = client_with(make_key()[1], "pupil-1").post(COMPLETE, result, headers=key)
    assert (answer.status_code, answer.json()["trust"]) == (200, "verified")
    assert IdempotencyKey.objects.count() == 2


def test_an_idempotency_key_needs_a_learner():
    answer = client_with(make_key()[1]).post(COMPLETE, {}, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (400, "learner_required")


def test_a_key_that_a_client_sends_cannot_look_like_one_of_a_server(learner_api):
    answer = learner_api.post(
        COMPLETE, {"level_id": LevelFactory().level_id, "score": 1}, headers={"Idempotency-Key": "\x1fk"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")
