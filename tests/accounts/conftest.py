import logging

import pytest

from tests.accounts.api_calls import call
from tests.factories import PASSWORD


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
