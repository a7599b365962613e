from datetime import timedelta
from uuid import uuid4

import pytest

from gamification.staff.amnesties import grant_amnesty
from tests.factories import LevelFactory, StaffFactory

from .day_patterns import noon


@pytest.fixture
def arena(db):
    """Pays 10 XP each time."""
    return LevelFactory(level_id="arena", kind="mode", max_score=100)


@pytest.fixture
def play(learner, sign_in, arena, time_machine):
    """`play(3)` completes a level at noon of day 3, `play(3, on=5)` reports it on day 5. Returns the body."""

    def play(number, *, on=None, at=None, **body):
        time_machine.move_to(at or noon(on or number), tick=False)
        body = {"level_id": "arena", "score": 1, "client_event_id": str(uuid4()), **body}
        if on:
            body["occurred_at"] = noon(number).isoformat()
        answer = sign_in(learner).post("/api/v1/levels/complete", body)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return play


@pytest.fixture
def ask(learner, sign_in, time_machine):
    """`ask("GET", "status", 3)` at noon of the third day -> status code and body."""

    def ask(method, call, number, *, at=None):
        time_machine.move_to(at or noon(number), tick=False)
        answer = sign_in(learner).generic(method, f"/api/v1/gamification/streaks/{call}")
        return answer.status_code, answer.json()

    return ask


@pytest.fixture
def grant(django_capture_on_commit_callbacks):
    """`grant(3, 5)` pardons the days 3 to 5, granted on the last of them; `on=9` grants it later."""
    actor = StaffFactory()

    def grant(first, last, *, on=None, hours=(10, 14)):
        with django_capture_on_commit_callbacks(execute=True):
            return grant_amnesty(
                starts_at=noon(first).replace(hour=hours[0]),
                ends_at=noon(last).replace(hour=hours[1]),
                reason="The service was not available.",
                actor=actor,
                at=noon(on or last) + timedelta(hours=4),
            )

    return grant
