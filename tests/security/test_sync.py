"""What is refused in a body of its own is refused inside a batch: P11, P14 and P26 for every event of POST sync."""

import json

import pytest
from django.db import transaction

from skillquest.api.shapes import shape_of_class
from tests.api.hostile import CORPUS, REFUSED, WRONG_TYPE
from tracking.models import Completion, LearningSession
from tracking.sync.serializers import READERS

from .asking import contents
from .bodies import EVENT_ID, played
from .test_mass_assignment import VALUE, WRITES, is_refusal, model_fields
from .test_ranges import FRAGMENTS, SMALL, totals_are_sane, with_number

pytestmark = pytest.mark.django_db

SYNC = "/api/v1/sync"
# What SPEC lets a client send, written down a second time.
FIELDS = {
    "level_completion": {"type", *WRITES["POST /api/v1/levels/complete"]},
    "session": {"type", "client_event_id", "session_id", "level_id", "start_time", "time_spent", "score", "metadata"},
}
TAKEN = {
    "score": SMALL,
    "time_spent": [*SMALL, "12345", "12345.0", "null"],
    "session_id": [],
    "level_id": [],
}
LONG_ENOUGH = "one byte too many"  # for another endpoint


@pytest.fixture
def events(world):
    """An honest event of each type."""
    told = {"client_event_id": EVENT_ID, **played(world)}
    return {
        "level_completion": {"type": "level_completion", **told, "time_spent": 60, "metadata": {"hints_used": 0}},
        "session": {
            "type": "session",
            "client_event_id": EVENT_ID,
            "session_id": world.open_session.pk,
            "time_spent": 60,
            "score": 85,
            "metadata": {},
        },
    }


@pytest.fixture
def send(client_of):
    client = client_of("learner")

    def send(body):
        return client.generic("POST", SYNC, body, content_type="application/json")

    return send


def batch(*events):
    """Of events that are JSON already."""
    return b'{"events": [' + b", ".join(events) + b"]}"


def test_every_event_takes_what_its_contract_says_and_nothing_else():
    assert {kind: set(shape_of_class(type(reader)).fields) for kind, reader in READERS.items()} == FIELDS


@pytest.mark.parametrize("kind", FIELDS)
def test_an_honest_event_gets_through(send, events, kind):
    [result] = send(batch(json.dumps(events[kind]).encode())).json()["results"]
    assert result["status"] == "created"


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_outside_the_contract_is_refused(send, events, kind):
    names, before = sorted(set(model_fields()) - FIELDS[kind]), contents()
    answer = send(batch(*(json.dumps(events[kind] | {name: VALUE}).encode() for name in names)))
    told = [result["problem"]["errors"] for result in answer.json()["results"]]
    assert [name for name, errors in zip(names, told, strict=True) if not is_refusal(errors, name)] == []
    assert contents() == before


@pytest.mark.parametrize("kind", FIELDS)
def test_no_hostile_event_gets_through(send, events, kind):
    """What is no JSON makes the whole body unreadable; what is JSON is refused by itself."""
    before, let_through = contents(), []
    for hostile in CORPUS:
        body = hostile.make(events[kind])
        if body is None or hostile.verdict == WRONG_TYPE or hostile.name == LONG_ENOUGH:
            continue
        with transaction.atomic():
            answer = send(batch(body))
        if answer.status_code != REFUSED and {each["status"] for each in answer.json()["results"]} - {"rejected"}:
            let_through.append((hostile.name, answer.status_code, answer.content[:200]))
    assert let_through == []
    assert contents() == before


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        *(("level_completion", field) for field in ("score", "time_spent", "level_id")),
        *(("session", field) for field in ("score", "time_spent", "session_id")),
    ],
)
def test_a_number_in_an_event_is_taken_as_it_is_or_refused(send, events, kind, field):
    taken = []
    for fragment in FRAGMENTS:
        with transaction.atomic():
            answer = send(batch(with_number(events[kind], field, fragment)))
            assert answer.status_code in {200, 400}, (fragment, answer.status_code, answer.content[:200])
            assert totals_are_sane()
            if answer.status_code == 200 and answer.json()["results"][0]["status"] != "rejected":
                taken.append(fragment)
                assert fragment == "null" or stored(field) == json.loads(fragment)
            transaction.set_rollback(True)
    more = ["null"] if (kind, field) == ("session", "score") else []
    too_late = ["12345", "12345.0"] if (kind, field) == ("session", "time_spent") else []
    assert sorted(taken) == sorted([*(set(TAKEN[field]) - set(too_late)), *more])


@pytest.mark.parametrize("kind", FIELDS)
def test_a_number_in_metadata_is_stored_within_its_bounds_or_left_out_with_a_warning(send, events, kind):
    for fragment in FRAGMENTS:
        with transaction.atomic():
            answer = send(batch(with_number(events[kind], "metadata.hints_used", fragment)))
            assert answer.status_code in {200, 400}, (fragment, answer.status_code, answer.content[:200])
            assert totals_are_sane()
            if answer.status_code == 200:
                [result] = answer.json()["results"]
                number = stored("metadata").get("hints_used")
                assert result["status"] == "created"
                assert number is None or (type(number) is int and 0 <= number <= 10_000)
                assert bool(result["warnings"]) == (number is None or number != json.loads(fragment))
            transaction.set_rollback(True)


def stored(field):
    return getattr(Completion.objects.get(client_event_id=EVENT_ID), field)


def test_somebody_elses_session_is_like_none(client_of, events, world):
    def told(session_id):
        event = events["session"] | {"session_id": session_id}
        [result] = client_of("other").post(SYNC, {"events": [event]}).json()["results"]
        return result | {"problem": result["problem"] | {"request_id": None}}

    assert told(world.open_session.pk) == told(987_654_321)
    assert LearningSession.objects.get(pk=world.open_session.pk).status == "open"


def test_somebody_elses_event_id_is_free(client_of, events):
    event = events["level_completion"]
    results = [client_of(role).post(SYNC, {"events": [event]}).json()["results"][0] for role in ("learner", "other")]
    assert [result["status"] for result in results] == ["created", "created"]
