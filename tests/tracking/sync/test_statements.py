"""A batch costs a number of statements, whatever it holds. BEGIN and COMMIT are not counted.

Literal numbers on PostgreSQL; SQLite takes fewer values at once, so a few long lists are written in parts there.
"""

import random
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import LevelFactory, UserFactory
from tests.shipped_catalogue import load_whole_catalogue
from tracking.recording.services import start_session

from .conftest import NOW, completion_event, session_event

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes long lists in parts"),
]

LEVELS, DAYS = 20, 10
SESSION = timedelta(hours=20)
# Person, levels, what they need, what is stored, completions, profile, passed so far, what can be earned, paid so far,
# first times, usage of limits; then first times, days, usage, freezes, unlocks, ledger entries, totals, answers are
# written.
BATCH = 19


@pytest.fixture
def catalogue(db):
    """Twenty levels, each of which opens the next, and all achievements and badges."""
    load_whole_catalogue()
    previous = []
    for number in range(LEVELS):
        previous = [LevelFactory(level_id=f"step-{number}", prerequisites=previous)]


def week_away(size, seed):
    """New events over ten days; each level is played after the one that opens it, 5 % of the events are sent twice."""
    rng = random.Random(seed)
    events = []
    for number in range(size):
        level = f"step-{min(number, LEVELS - 1) if number < LEVELS else rng.randrange(LEVELS)}"
        event_id = str(UUID(int=rng.getrandbits(128), version=4))
        ago = timedelta(days=DAYS) * (size - number) / (size + 1)
        metadata = {"hints_used": rng.randint(0, 1), "words_learned": rng.randint(0, 9)}
        event = completion_event(level, ago, client_event_id=event_id, score=rng.randint(0, 1000), metadata=metadata)
        events += [event] * (1 + (rng.random() < 0.05))
    return events[:size]


@pytest.fixture
def cost(post, sign_in):
    def cost(events, client=None):
        client = client or sign_in(UserFactory())
        with CaptureQueriesContext(connection) as captured:
            answer = post(events, client=client)
        assert answer.status_code == 200, answer.content
        statements = [query["sql"] for query in captured]
        return len([sql for sql in statements if sql.split()[0] not in {"BEGIN", "COMMIT"}])

    return cost


def test_500_new_events_cost_what_10_cost(cost, catalogue):
    few, many = week_away(10, seed=1), week_away(500, seed=2)
    assert (cost(few), cost(many)) == (BATCH, BATCH)


def test_a_batch_costs_the_same_with_any_history(cost, sign_in, catalogue):
    client = sign_in(UserFactory())
    cost(week_away(500, seed=1), client)
    # Once there are days, they are read.
    assert cost(week_away(10, seed=2), client) <= BATCH + 1
    assert cost(week_away(500, seed=3), client) <= BATCH + 1


def test_a_batch_that_is_sent_again_only_reads(cost, sign_in, catalogue):
    client, events = sign_in(UserFactory()), week_away(500, seed=1)
    cost(events, client)
    assert cost(events, client) == 3


def test_invalid_events_cost_no_statement_and_locked_ones_four(cost, catalogue):
    assert cost([{}] * 500) == 1
    # They are inserted and removed again, with the sessions that there might be, and it is read which prerequisites
    # their levels had when they were played.
    assert (
        cost([completion_event("step-2") for _ in range(10)])
        == cost([completion_event("step-2") for _ in range(500)])
        == 10
    )


def test_sessions_cost_three_more(cost, sign_in, catalogue):
    """Sessions started online are locked and ended, offline ones inserted, each kind in one statement."""

    def costs(count):
        person = UserFactory()
        levels = [LevelFactory() for _ in range(count)]
        started = [
            start_session(learner=person, level=level.level_id, resume=False, at=NOW - SESSION) for level in levels
        ]
        events = [session_event(session_id=session.pk) for session, _ in started]
        offline = [session_event(SESSION, level_id="step-0") for _ in range(count)]
        return cost([*events, *offline], sign_in(person))

    assert costs(3) == costs(200)
