"""P14 and P26 for POST events: whatever stands in one field of an event is judged alone, and no neighbour is lost."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from rest_framework.exceptions import ParseError

from skillquest.api.parsing import read_json
from skillquest.api.shapes import shape_of_class
from skillquest.machines.events_serializers import READERS, EventLearnerSerializer
from tests.api.hostile import MALFORMED, WRONG_VALUES
from tests.factories import LevelFactory, MetricFactory
from tests.machines.keys import client_with, make_key, make_pupil
from tracking.models import CheckIn, Completion

from .payloads import PAYLOADS
from .test_ranges import FRAGMENTS, totals_are_sane

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
START = (NOW - timedelta(hours=1)).isoformat()
TAKEN = {"created", "held", "replayed"}
FIELDS = {
    "level_completion": {"level_id": "one", "score": 850, "time_spent": 60, "occurred_at": START, "metadata": {}},
    "session": {"level_id": "one", "start_time": START, "time_spent": 300, "score": 850, "metadata": {}},
    "check_in": {"occurred_at": START},
    "metric": {"metric_id": "pages_read", "value": 3, "occurred_at": START},
}
INSIDE = {
    "learner": list(EventLearnerSerializer().fields),
    "metadata": ["hints_used", "difficulty", "words_learned", "unknown"],
}


def readable(fragments):
    """Those that the server reads as JSON; the others make a whole body unreadable (`tests/api/hostile.py`)."""
    for fragment in fragments:
        with suppress(ParseError):
            yield read_json(b'{"value": %s}' % fragment.encode())["value"]


LATE_DATES = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-03-20T12:00:60Z", "2026-02-30T08:00:00Z"]
HOSTILE = [
    *PAYLOADS,
    *LATE_DATES,
    *readable([*FRAGMENTS, *(each for fragments in WRONG_VALUES.values() for each in fragments)]),
    *(body.decode(errors="ignore").replace("\0", "") for body in MALFORMED.values() if len(body) < 1000),
    *("", " ", "\u202e", "\U0001f600" * 200, "x" * 5000, "../../etc/passwd", "' OR 1=1 --", "%s%n{0.__class__}"),
    *([[]] * 50, {"a": {"b": {"c": 1}}}, {"external_id": {"external_id": "x"}}, [None], [{}], {"": ""}),
]


def event(kind, learner="pupil-1"):
    return {"type": kind, "client_event_id": str(uuid4()), "learner": {"external_id": learner}, **FIELDS[kind]}


def hostile_events(kind):
    """Each field of an event with each hostile value, those inside objects too."""
    for name in sorted({"learner", *shape_of_class(type(READERS[kind])).fields}):
        yield from (event(kind) | {name: value} for value in HOSTILE)
        yield without(event(kind), name)
        for inner in INSIDE.get(name, []):
            for value in HOSTILE:
                whole = event(kind)
                yield whole | {name: whole[name] | {inner: value}}


def without(whole, name):
    return {key: value for key, value in whole.items() if key != name}


@pytest.fixture(autouse=True)
def _world(time_machine):
    time_machine.move_to(NOW, tick=False)
    LevelFactory(level_id="one", xp_reward=10)
    MetricFactory(metric_id="pages_read")
    make_pupil("pupil-1"), make_pupil("good")


@pytest.fixture
def send():
    client = client_with(make_key(scopes=["track", "learners"])[1])

    def send(events):
        body = {"events": events, "create_learners": True}
        answer = client.post("/api/v1/events", body, format="json")
        assert answer.status_code == 200, answer.content[:500]
        return answer.json()["results"]

    return send


@pytest.mark.parametrize("kind", READERS)
def test_a_hostile_value_in_any_field_costs_no_good_neighbour(send, kind):
    hostile = list(hostile_events(kind))
    for start in range(0, len(hostile), 300):
        part = hostile[start : start + 300]
        good = [event(each, "good") for each in READERS]
        first, middle, last = send([good[0], *part[:150], *good[1:3], *part[150:], good[3]]), good[1:3], good[3]
        named = {result["client_event_id"]: result["status"] for result in first}
        assert [named[each["client_event_id"]] for each in (good[0], *middle, last)] == ["created"] * 4
        assert len(first) == len(part) + 4
        assert [bad for bad in map(verdict, first) if bad] == []
    assert totals_are_sane()
    rounds = -(-len(hostile) // 300)
    assert Completion.objects.filter(learner__external_id="good").count() == 2 * rounds
    assert CheckIn.objects.filter(learner__external_id="good").count() == rounds


def verdict(result):
    """None where the event was taken, or refused as what its sender did wrong."""
    if result["status"] in TAKEN:
        return None
    refused = result["status"] == "rejected" and 400 <= result["problem"]["status"] < 500
    return None if refused else result
