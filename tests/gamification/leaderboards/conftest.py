"""Boards over both stores. What needs Redis is skipped, loudly, where TEST_REDIS_URL names none."""

import threading

import pytest
from django.core.cache import cache
from django.utils import timezone

from gamification.leaderboards import database_board as database
from gamification.leaderboards import redis_board as redis
from tests.factories import StaffFactory, UserFactory, adjust


def wait_for_repairs():
    for thread in threading.enumerate():
        if thread.name == "leaderboards":
            thread.join(timeout=20)
            assert not thread.is_alive()


@pytest.fixture
def redis_backend(settings):
    if not settings.REDIS_URL:
        pytest.skip("NO REDIS: set TEST_REDIS_URL, or run the tests by `make test`")
    settings.LEADERBOARD_BACKEND = "redis"
    redis._store_at.cache_clear()
    yield redis.store()
    wait_for_repairs()
    redis.store().connection.client.close()
    redis._store_at.cache_clear()
    cache.clear()


@pytest.fixture(params=["database", "redis"])
def backend(request, settings):
    settings.LEADERBOARD_BACKEND = request.param
    if request.param == "redis":
        request.getfixturevalue("redis_backend")
    return request.param


@pytest.fixture(autouse=True)
def _no_totals_remembered():
    database.remembered_totals.clear()


@pytest.fixture
def make_learners(db):
    """`make_learners(3)` -> their ids, ascending."""

    def make_learners(count, **fields):
        return sorted(user.pk for user in UserFactory.create_batch(count, **fields))

    return make_learners


@pytest.fixture
def give(db):
    """`give(user, 10)` by hand."""
    actor = StaffFactory()

    def give(user, amount):
        return adjust(learner_id=user.pk, amount=amount, reason="test", actor=actor, at=timezone.now())

    return give


@pytest.fixture
def now():
    return timezone.now()
