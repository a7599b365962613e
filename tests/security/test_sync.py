"""P11, P14 and P26 for events of POST sync: what is refused in a single request is refused in a batch."""

import json

import pytest
from django.db import transaction
from django.utils import timezone

from skillquest.api.shapes import shape_of_class
from tests.api.hostile import CORPUS, REFUSED, WRONG_TYPE
from tracking.models import Completion, LearningSession
from tracking.sync.serializers import READERS

from .requester import contents
from .test_mass_assignment import VALUE, WRITES, is_refusal, model_fields
from .test_ranges import FRAGMENTS, SMALL, totals_are_sane, with_number
from .valid_requests import EVENT_ID, result

pytestmark = pytest.mark.django_db

SYNC = "/api/v1/sync"
# The fields that the API contract allows, as a copy that detects fields added by accident.
FIELDS = {
    "level_completion": {"type", *WRITES["POST /api/v1/levels/complete"]} - {"sent_at"},  # the batch has one for all
    "session": {"type", "client_event_id", "session_id", "level_id", "start_time", "time_spent", "score", "metadata"},
    "play": {"type", "client_event_id", "session_id", "answers"},
}
ACCEPTED = {
    "score": SMALL,
    "time_spent": [*SMALL, "12345", "12345.0", "null"],
    "session_id": [],
    "level_id": [],
}
TOO_LARGE_ELSEWHERE = "one byte too many"  # only for endpoints with a smaller limit


@pytest.fixture
def events(world):
    """A valid event of each type."""
    completion = {"client_event_id": EVENT_ID, **result(world)}
    return {
        "level_completion": {"type": "level_completion", **completion, "time_spent": 60, "metadata": {"hints_used": 0}},
        "session": {
            "type": "session",
            "client_event_id": EVENT_ID,
            "session_id": world.open_session.pk,
            "time_spent": 60,
            "score": 85,
            "metadata": {},
        },
        "play": {
            "type": "play",
            "client_event_id": EVENT_ID,
            "session_id": world.open_play.pk,
            "answers": [{"question_id": "asked-1", "answer": True, "answered_at": timezone.now().isoformat()}],
        },
    }


@pytest.fixture
def send(client_of):
    client = client_of("learner")

    def send(body):
        return client.generic("POST", SYNC, body, content_type="application/json")

    return send


def batch(*events):
    """The body of a batch; each event is given as JSON."""
    return b'{"events": [' + b", ".join(events) + b"]}"


def test_every_event_accepts_exactly_the_fields_of_its_contract():
    assert {kind: set(shape_of_class(type(reader)).fields) for kind, reader in READERS.items()} == FIELDS


@pytest.mark.parametrize("kind", FIELDS)
def test_a_valid_event_is_accepted(send, events, kind):
    [answered] = send(batch(json.dumps(events[kind]).encode())).json()["results"]
    assert answered["status"] == "created"


@pytest.mark.parametrize("kind", FIELDS)
def test_an_unknown_field_is_refused(send, events, kind):
    names, before = sorted(set(model_fields()) - FIELDS[kind]), contents()
    answer = send(batch(*(json.dumps(events[kind] | {name: VALUE}).encode() for name in names)))
    refusals = [result["problem"]["errors"] for result in answer.json()["results"]]
    assert [name for name, errors in zip(names, refusals, strict=True) if not is_refusal(errors, name)] == []
    assert contents() == before


@pytest.mark.parametrize("kind", FIELDS)
def test_every_hostile_event_is_rejected(send, events, kind):
    """Invalid JSON makes the whole body unreadable; other invalid events are rejected separately."""
    before, accepted = contents(), []
    for hostile in CORPUS:
        body = hostile.make(events[kind])
        if body is None or hostile.verdict == WRONG_TYPE or hostile.name == TOO_LARGE_ELSEWHERE:
            continue
        with transaction.atomic():
            answer = send(batch(body))
        if answer.status_code != REFUSED and {each["status"] for each in answer.json()["results"]} - {"rejected"}:
            accepted.append((hostile.name, answer.status_code, answer.content[:200]))
    assert accepted == []
    assert contents() == before


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        *(("level_completion", field) for field in ("score", "time_spent", "level_id")),
        *(("session", field) for field in ("score", "time_spent", "session_id")),
    ],
)
def test_a_number_in_an_event_is_accepted_unchanged_or_refused(send, events, kind, field):
    accepted = []
    for fragment in FRAGMENTS:
        with transaction.atomic():
            answer = send(batch(with_number(events[kind], field, fragment)))
            assert answer.status_code in {200, 400}, (fragment, answer.status_code, answer.content[:200])
            assert totals_are_sane()
            if answer.status_code == 200 and answer.json()["results"][0]["status"] != "rejected":
                accepted.append(fragment)
                assert fragment == "null" or stored(field) == json.loads(fragment)
            transaction.set_rollback(True)
    more = ["null"] if (kind, field) == ("session", "score") else []
    too_late = ["12345", "12345.0"] if (kind, field) == ("session", "time_spent") else []
    assert sorted(accepted) == sorted([*(set(ACCEPTED[field]) - set(too_late)), *more])


@pytest.mark.parametrize("kind", [kind for kind in FIELDS if "metadata" in FIELDS[kind]])
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


def test_a_session_of_another_learner_is_answered_like_an_unknown_one(client_of, events, world):
    def result_for(session_id):
        event = events["session"] | {"session_id": session_id}
        [result] = client_of("other").post(SYNC, {"events": [event]}).json()["results"]
        return result | {"problem": result["problem"] | {"request_id": None}}

    assert result_for(world.open_session.pk) == result_for(987_654_321)
    assert LearningSession.objects.get(pk=world.open_session.pk).status == "open"


def test_two_learners_may_use_the_same_event_id(client_of, events):
    event = events["level_completion"]
    results = [client_of(role).post(SYNC, {"events": [event]}).json()["results"][0] for role in ("learner", "other")]
    assert [result["status"] for result in results] == ["created", "created"]
