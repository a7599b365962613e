import logging
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.cache import caches
from django.utils import timezone

from tests.accounts.api_calls import call
from tests.accounts.personal_data import (
    MARK,
    make_person,
)
from tests.accounts.sign_in_attempts import LOCAL_MEMORY
from tests.factories import PASSWORD, UserFactory, adjust


@pytest.fixture
def tokens_of(db):
    """`tokens_of(user)` signs in -> {"access_token", "refresh_token"} of a new session."""

    def tokens_of(user, password=PASSWORD):
        answer = call("POST", "login", {"username": user.username, "password": password})
        assert answer.status_code == 200, answer.content
        return answer.json()

    return tokens_of


@pytest.fixture
def pair(tokens_of, learner):
    return tokens_of(learner)


@pytest.fixture
def security_log(caplog):
    """`security_log()` -> the lines written so far."""
    caplog.set_level(logging.INFO, "skillquest.security")

    def lines():
        return [record.getMessage() for record in caplog.records if record.name == "skillquest.security"]

    return lines


@pytest.fixture
def _limits_are_on(settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000/m")


@pytest.fixture
def clock(settings):
    # Redis would go by its own clock.
    settings.CACHES = settings.CACHES | {"ratelimits": LOCAL_MEMORY}
    caches["ratelimits"].clear()
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def ana():
    return UserFactory(username="Ana")


@pytest.fixture
def person():
    return make_person()


@pytest.fixture
def mention(staff):
    """A line of somebody else that names the person in three ways."""
    note = f"As for {MARK}@example.test.\n{MARK.upper()} asked for it. So did {MARK} of Athens; not {MARK}s."
    return adjust(learner_id=UserFactory().pk, amount=5, reason=note, actor=staff, at=timezone.now())
