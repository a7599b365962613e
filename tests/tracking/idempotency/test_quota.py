"""A person's kept answers are limited in number and in bytes; none is forgotten early."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gamification.models import LearnerProfile
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion, IdempotencyKey

pytestmark = pytest.mark.django_db

NOW = "2026-03-20T12:00:00Z"


@pytest.fixture(autouse=True)
def quota(settings, time_machine):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"write": "10000/m"}
    settings.IDEMPOTENCY_KEYS_AT_MOST = 3
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def send(complete, level):
    """`send(key, score)` completes a level with that key."""

    def send(key, score=850, **options):
        return complete(score=score, headers={"Idempotency-Key": f"key {key}"}, **options)

    return send


def test_above_the_number_of_keys_a_new_one_is_refused_and_does_nothing(send, learner):
    assert [send(key, score=key).status_code for key in range(3)] == [200, 200, 200]
    refused = send("new")
    assert (refused.status_code, refused.json()["code"]) == (429, "idempotency_quota_exceeded")
    assert refused["Retry-After"] == str(30 * 86_400)
    assert Completion.objects.count() == IdempotencyKey.objects.count() == 3


def test_above_the_number_of_bytes_too(send, settings):
    first = send(0, score=0)
    settings.IDEMPOTENCY_KEYS_AT_MOST, settings.IDEMPOTENCY_BYTES_AT_MOST = 1000, len(first.content) + 1
    assert [send(key, score=key).status_code for key in (1, 2)] == [200, 429]


def test_an_answer_that_is_kept_is_still_given(send, learner):
    first = send(0)
    [send(key, score=key) for key in (1, 2)]
    assert send(0).content == first.content
    assert LearnerProfile.objects.get(pk=learner.pk).levels_completed == 1


def test_without_a_key_the_request_is_taken(send, complete):
    [send(key, score=key) for key in range(3)]
    assert complete(score=100).status_code == 200


def test_others_have_a_quota_of_their_own(send, sign_in):
    [send(key, score=key) for key in range(3)]
    assert send("new", client=sign_in(UserFactory())).status_code == 200


def test_refusals_count_nothing(send):
    assert [send(key, score=-1).status_code for key in range(5)] == [400] * 5
    assert send("new").status_code == 200


def test_expired_answers_make_room(send, sign_in, learner, time_machine):
    [send(key, score=key) for key in range(3)]
    time_machine.shift(timedelta(days=30, seconds=1))
    assert send("new", client=sign_in(learner)).status_code == 200
    assert [row.key for row in IdempotencyKey.objects.all()] == ["key new"]


def test_it_counts_once_in_ten_minutes(send, settings, time_machine):
    settings.IDEMPOTENCY_KEYS_AT_MOST = 1000
    LevelFactory()

    def counts(key):
        with CaptureQueriesContext(connection) as statements:
            assert send(key, score=key).status_code == 200
        return sum("COUNT(" in row["sql"] and "idempotencykey" in row["sql"] for row in statements)

    assert [counts(1), counts(2), counts(3)] == [1, 0, 0]
    time_machine.shift(timedelta(minutes=10))
    assert [counts(4), counts(5)] == [1, 0]
