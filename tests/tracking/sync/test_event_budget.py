"""The events of a learner's batches are limited, besides the number of batches."""

import pytest

from tests.factories import UserFactory
from tests.threads import at_once, posting
from tracking.models import Completion

from .conftest import completion_event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def budget(settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"events": "5/10m"}


def batch(size):
    return [completion_event("one") for _ in range(size)]


def test_a_batch_of_more_events_than_are_left_is_refused_whole(post, levels):
    assert post(batch(3)).status_code == 200
    refused = post(batch(3))
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert Completion.objects.count() == 3
    assert 0 < int(refused["Retry-After"]) <= 600
    assert refused["RateLimit-Policy"] == '"events";q=5;w=600'
    assert refused["RateLimit"].startswith('"events";r=2;t=')


def test_a_refused_batch_uses_nothing_up(post, levels):
    assert [post(batch(size)).status_code for size in (3, 3, 2, 1)] == [200, 429, 200, 429]


def test_an_answer_says_what_is_left(post, levels):
    answer = post(batch(2))
    assert (answer["RateLimit-Policy"], answer["RateLimit"].partition(";t=")[0]) == (
        '"events";q=5;w=600',
        '"events";r=3',
    )


def test_the_budget_is_full_again_when_its_window_ends(post, levels, time_machine):
    post(batch(5))
    wait = int(post(batch(1))["Retry-After"])
    time_machine.shift(wait - 1)
    assert post(batch(1)).status_code == 429
    time_machine.shift(1)
    assert post(batch(5)).status_code == 200


def test_each_learner_has_a_budget(post, levels, sign_in):
    post(batch(5))
    assert post(batch(5), client=sign_in(UserFactory())).status_code == 200


def test_repeats_and_rejected_events_count_too(post, levels):
    event = completion_event("one")
    assert [post([event, {"type": "nonsense"}]).status_code for _ in range(3)] == [200, 200, 429]


def test_a_batch_that_is_too_long_is_refused_for_its_length(post, levels):
    assert post(batch(501)).status_code == 400
    assert post(batch(5)).status_code == 200


def test_single_results_do_not_count(post, levels, learner_api):
    post(batch(5))
    assert learner_api.post("/api/v1/levels/complete", {"level_id": "one", "score": 9}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_batches_at_once_no_more_than_the_budget_gets_through(learner_api, levels):
    calls = [posting(learner_api, "/api/v1/sync", {"events": batch(2)}) for _ in range(6)]
    passed = [answer.status_code for answer in at_once(calls)].count(200)
    assert 1 <= passed <= 2
    assert Completion.objects.count() == 2 * passed
