"""Results in an outbox are neither lost nor doubled: without a connection, after a crash, with several processes."""

import json
import stat
import time
from datetime import UTC, datetime, timedelta

import pytest
from skillquest_client import (
    Event,
    LearnerClient,
    NotReachedError,
    NotUnderstoodError,
    OutboxError,
    ProblemError,
    SignInNeededError,
)

from levels.models import Level
from tests.factories import PASSWORD, LevelFactory, UserFactory
from tracking.models import Completion

from .conftest import answer_lost, answering, no_connection

pytestmark = pytest.mark.usefixtures("unlimited")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "outbox.sqlite3"


@pytest.fixture
def outbox(client, path):
    return client.outbox(path)


def completions(level, count):
    return [Event.completion(level.level_id, score, time_spent=60) for score in range(1, count + 1)]


def report_of(report):
    names = ("created", "replayed", "held", "rejected", "postponed", "waiting")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def test_what_was_put_without_a_connection_is_sent_when_there_is_one(outbox, level, network, path):
    network.faults = [no_connection] * 9
    outbox.put(*completions(level, 3))
    report = outbox.drain()
    assert (report_of(report), type(report.error)) == ({"waiting": 3}, NotReachedError)
    assert not Completion.objects.exists()
    network.faults = []
    assert report_of(outbox.drain()) == {"created": 3}
    assert Completion.objects.count() == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_recorded_at_the_time_at_which_it_happened(outbox, level):
    at = datetime.now(UTC) - timedelta(days=2)
    outbox.put(Event.completion(level.level_id, 90, time_spent=60, occurred_at=at))
    outbox.put(Event.session(level.level_id, start_time=at, time_spent=300, score=95))
    assert report_of(outbox.drain()) == {"created": 2}
    first, second = Completion.objects.order_by("occurred_at")
    assert abs(first.occurred_at - at) < timedelta(seconds=2)
    assert abs(second.occurred_at - at - timedelta(seconds=300)) < timedelta(seconds=2)
    assert first.trust == "offline"


@pytest.mark.parametrize("wrong_by", [-86_400, 3_600, 40 * 86_400])
@pytest.mark.parametrize("known", [True, False], ids=["clock known", "clock unknown"])
def test_a_wrong_clock_costs_nobody_a_day(client, outbox, level, wrong_by, known):
    clock = client._transport.clock
    clock.now = lambda: time.time() + wrong_by
    if known:
        client.me()
    else:
        clock.offset = None
    outbox.put(Event.completion(level.level_id, 90, time_spent=60))
    assert report_of(outbox.drain()) == {"created": 1}
    assert abs(Completion.objects.get().occurred_at - datetime.now(UTC)) < timedelta(seconds=3)


def test_a_clock_that_was_set_right_meanwhile_moves_nothing(client, outbox, level):
    clock = client._transport.clock
    clock.now = lambda: time.time() - 86_400
    client.me()
    outbox.put(Event.completion(level.level_id, 90, time_spent=60))
    clock.now, clock.offset = time.time, None
    assert report_of(outbox.drain()) == {"created": 1}
    assert abs(Completion.objects.get().occurred_at - datetime.now(UTC)) < timedelta(seconds=3)


def test_a_lost_answer_is_paid_once(outbox, level, network):
    outbox.put(*completions(level, 3))
    network.faults = [answer_lost]
    assert report_of(outbox.drain()) == {"replayed": 3}
    assert Completion.objects.count() == 3


def test_an_event_that_was_put_twice_is_sent_once(outbox, level):
    (event,) = completions(level, 1)
    outbox.put(event, event)
    outbox.put(event)
    assert outbox.waiting() == 1


def test_the_rest_is_sent_in_batches_in_its_order(outbox, level, network):
    outbox._at_most = 2
    outbox.put(*completions(level, 5))
    assert report_of(outbox.drain()) == {"created": 5}
    scores = [[event["score"] for event in json.loads(request.content)["events"]] for request in network.requests]
    assert scores == [[1, 2], [3, 4], [5]]


def test_what_is_refused_is_kept_and_reported_and_holds_nothing_up(outbox, level):
    bad = Event.completion(level.level_id, 1_000_000, time_spent=60)
    outbox.put(bad, *completions(level, 1))
    seen = []
    report = outbox.drain(lambda event, outcome: seen.append((event.client_event_id, outcome.status)))
    assert report_of(report) == {"created": 1, "rejected": 1}
    assert seen[0] == (bad.client_event_id, "rejected")
    (rejected,) = outbox.rejected()
    assert rejected.event.client_event_id == bad.client_event_id
    assert rejected.problem["code"] == "invalid"
    assert report_of(outbox.drain()) == {}  # it is not sent again by itself

    outbox.retry(bad.client_event_id)
    assert outbox.waiting() == 1
    outbox.discard(bad.client_event_id)
    assert (outbox.waiting(), outbox.rejected()) == (0, [])


def test_a_level_that_is_opened_later_is_tried_again_later(client, outbox):
    level = LevelFactory(published=False, max_score=100)
    clock = client._transport.clock
    outbox.put(*completions(level, 1))
    assert report_of(outbox.drain()) == {"postponed": 1, "waiting": 1}
    Level.objects.filter(pk=level.pk).update(published=True)
    assert report_of(outbox.drain()) == {"waiting": 1}
    clock.now = lambda: time.time() + 3_601
    assert report_of(outbox.drain()) == {"created": 1}


def test_a_batch_that_cannot_be_read_is_halved_until_the_event_is_alone(outbox, level, network):
    poison = Event("level_completion", {"level_id": level.level_id, "score": 90}, {"occurred_at": 0.0})
    broken = Event("no-such-type", {"level_id": "x" * 2_000_000})  # larger than any body may be
    outbox.put(*completions(level, 2), broken, poison)
    report = outbox.drain()
    assert report_of(report) == {"created": 2, "rejected": 2}
    assert {each.problem["code"] for each in outbox.rejected()} == {"body_too_large", "clock_out_of_range"}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (answering(401, b'{"status": 401, "code": "invalid_token"}'), SignInNeededError),
        (answering(403, b'{"status": 403, "code": "tracking_disabled"}'), ProblemError),
        (answering(400, b'{"status": 400, "code": "invalid", "errors": {"user_id": ["Not you."]}}'), ProblemError),
        (answering(429, b'{"status": 429, "code": "throttled"}', **{"Retry-After": "600"}), ProblemError),
        (answering(200, b'{"success": true, "results": []}'), NotReachedError),
        (
            answering(200, b'{"results": [{"status": "rejected", "client_event_id": "x", "problem": {}}]}'),
            NotUnderstoodError,
        ),
    ],
)
def test_what_is_wrong_with_the_sender_keeps_everything(outbox, level, network, fault, kind):
    outbox.put(*completions(level, 1))
    network.faults = [fault] * 9
    report = outbox.drain()
    assert (report_of(report), type(report.error)) == ({"waiting": 1}, kind)
    network.faults = []


def test_results_of_others_wait_for_their_own_learner(client, url, options, path, level):
    other = UserFactory()
    second = LearnerClient(url, **options)
    second.log_in(other.username, PASSWORD)
    client.outbox(path).put(*completions(level, 2))
    second.outbox(path).put(*completions(level, 1))
    assert report_of(second.outbox(path).drain()) == {"created": 1}
    assert Completion.objects.get().learner_id == other.pk
    assert client.outbox(path).waiting() == 2


def test_an_outbox_is_never_sent_with_somebody_elses_token(client, url, options, path, level):
    outbox = client.outbox(path)
    outbox.put(*completions(level, 1))
    client.log_in(UserFactory().username, PASSWORD)
    report = outbox.drain()
    assert (report_of(report), list(report.error.problem.errors)) == ({"waiting": 1}, ["user_id"])
    assert not Completion.objects.exists()


def test_a_second_drain_at_the_same_time_sends_nothing(outbox, level, network):
    outbox.put(*completions(level, 1))
    with outbox.file.alone():
        report = outbox.drain()
    assert (report.busy, report_of(report), network.requests) == (True, {"waiting": 1}, [])
    assert outbox.drain().busy is False


def test_a_file_that_cannot_be_read_is_an_error_of_its_own(client, path):
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(OutboxError, match="outbox"):
        client.outbox(path)


@pytest.mark.parametrize("value", [float("nan"), {1, 2}])
def test_what_no_server_can_read_is_refused_before_it_is_stored(outbox, level, value):
    with pytest.raises((ValueError, TypeError)):
        outbox.put(Event.completion(level.level_id, 90, metadata={"hints_used": value}))
    assert outbox.waiting() == 0


def test_the_id_of_an_event_is_a_uuid():
    event_id = "0190F3C2-6F5E-7C3A-9B1D-4D7A2E5F8C10"
    assert Event("check_in", {}, client_event_id=event_id).client_event_id == event_id.lower()
    with pytest.raises(ValueError, match="UUID"):
        Event("check_in", {}, client_event_id="one")


def test_nobody_has_no_outbox(url, options, path):
    with pytest.raises(ValueError, match="owner"):
        LearnerClient(url, **options).outbox(path)
