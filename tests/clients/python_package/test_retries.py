"""What is tried again, how long after, and that a try too many is never paid."""

import pytest
from skillquest_client import LearnerClient, NotReachedError, ProblemError, Retries
from skillquest_client.errors import Problem

from tracking.models import Completion

from .conftest import answer_lost, answering, no_connection

pytestmark = pytest.mark.usefixtures("level")
PROBLEM = b'{"status": 429, "code": "throttled", "detail": "Too many."}'


def test_an_answer_that_is_lost_is_asked_for_again_and_paid_once(client, level, network, pauses):
    network.faults = [answer_lost, answer_lost]
    completion = client.complete(level.level_id, 90, time_spent=60)
    assert completion.is_new_completion is False  # the first try had recorded it
    assert Completion.objects.count() == 1
    assert client.totals().total_xp == completion.new_total_xp
    assert pauses == [0.5, 1.0]


@pytest.mark.parametrize(
    "fault",
    [
        no_connection,
        answering(500),
        answering(502, b"<html>Bad gateway</html>"),
        answering(503, b'{"status": 503, "code": "unavailable"}'),
        answering(408, b'{"status": 408, "code": "request_timeout"}'),
        answering(409, b'{"status": 409, "code": "idempotency_key_in_flight"}'),
        answering(200, b"<html>Welcome to our hotel</html>"),
        answering(302, Location="https://hotel.example/"),
        answering(200, b'{"awarded_xp": 1'),
    ],
)
def test_what_may_pass_is_tried_again(client, level, network, pauses, fault):
    network.faults = [fault]
    assert client.complete(level.level_id, 90, time_spent=60).is_new_completion is True
    assert pauses == [0.5]


def test_the_same_id_is_sent_each_time(client, level, network):
    network.faults = [no_connection, answering(503)]
    client.complete(level.level_id, 90, time_spent=60)
    bodies = {request.content for request in network.requests}
    assert (len(network.requests), len(bodies)) == (3, 1)


def test_a_session_is_started_once_though_its_answer_is_lost(client, level, network):
    network.faults = [answer_lost]
    client.start_session(level.level_id)
    first, second = network.requests
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


def test_retry_after_is_honoured(client, level, network, pauses):
    network.faults = [answering(429, PROBLEM, **{"Retry-After": "7"})]
    client.complete(level.level_id, 90, time_spent=60)
    assert pauses == [7.5]


def test_a_wait_that_is_too_long_is_an_error_that_says_how_long(client, level, network, pauses):
    network.faults = [answering(429, PROBLEM, **{"Retry-After": "600"})]
    with pytest.raises(ProblemError) as refusal:
        client.complete(level.level_id, 90)
    assert (refusal.value.code, refusal.value.retry_after, pauses) == ("throttled", 600.0, [])


def test_it_gives_up_after_five_tries(client, level, network, pauses):
    network.faults = [no_connection] * 9
    with pytest.raises(NotReachedError) as failure:
        client.complete(level.level_id, 90)
    assert (len(network.requests), pauses) == (5, [0.5, 1.0, 2.0, 4.0])
    network.faults = []
    assert client.complete(level.level_id, 90, client_event_id=failure.value.client_event_id).is_new_completion


def test_a_refusal_is_not_tried_again(client, network, pauses):
    with pytest.raises(ProblemError):
        client.complete("no-such-level", 90)
    assert (len(network.requests), pauses) == (1, [])


def error(status=503, retry_after=None, code="unavailable"):
    return ProblemError(Problem(status, code, ""), retry_after=retry_after)


@pytest.mark.parametrize(
    ("tried", "failure", "jitter", "pause"),
    [
        (1, error(), 1.0, 0.5),
        (1, error(), 0.0, 0.0),
        (4, error(), 0.5, 2.0),
        (1, error(retry_after=3.0), 0.0, 3.0),
        (4, error(retry_after=3.0), 1.0, 7.0),
        (5, error(), 1.0, None),
        (1, error(status=400), 1.0, None),
        (1, error(retry_after=120.0), 0.0, 120.0),
        (1, error(retry_after=121.0), 0.0, None),
    ],
)
def test_pause_grows_with_a_part_at_random_above_retry_after(tried, failure, jitter, pause):
    assert Retries(jitter=lambda: jitter).pause_after(tried, failure) == pause


def test_pause_never_exceeds_the_longest():
    assert Retries(tries=20, jitter=lambda: 1.0).pause_after(12, error()) == 8.0


@pytest.mark.parametrize(
    "url", ["quest.example", "ftp://quest.example", "http://quest.example/api/v1", "https://me@quest.example"]
)
def test_an_address_that_is_none_or_would_give_the_token_away_is_refused(url):
    with pytest.raises(ValueError, match=r"address|https"):
        LearnerClient(url)


def test_a_network_of_ones_own_may_do_without_https():
    LearnerClient("http://quest.example/api/v1", insecure=True).close()


def test_a_deprecated_operation_is_logged(client, network, caplog):
    network.faults = [
        answering(
            200, b'{"id": 1, "username": "ana"}', Deprecation="@1796083200", Sunset="Tue, 01 Jun 2027 00:00:00 GMT"
        )
    ]
    caplog.set_level("WARNING")
    client.me()
    assert caplog.messages == ["GET auth/me is deprecated and works until Tue, 01 Jun 2027 00:00:00 GMT."]
