"""clients/js on devices whose clock is wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from .fake_server import until
from .tracker_tab import complete, go_offline, reconnect


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_is_corrected_by_an_earlier_answer(server, context, open_tab, hours):
    context.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    tab = open_tab()
    complete(tab)
    context.set_offline(True)
    go_offline(server)
    assert complete(tab)["queued"]
    server.answers = {}
    context.set_offline(False)
    until(tab, "tracker.waiting().then((left) => left === 0)")
    assert_now(server.events()[0]["occurred_at"])


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_is_corrected_by_the_first_answer(server, context, open_tab, hours):
    server.answers["auth/me"] = [(200, {}, {"Date": datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")})]
    context.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    tab = open_tab()
    context.set_offline(True)
    go_offline(server)
    assert complete(tab)["queued"]
    del server.answers["sync"]
    context.set_offline(False)
    until(tab, "tracker.waiting().then((left) => left === 0)")
    assert_now(server.events()[0]["occurred_at"])


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_date_from_a_clock_an_hour_off_is_corrected(server, context, open_tab, hours):
    context.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    tab = open_tab()
    complete(tab)
    tab.evaluate("tracker.complete({ levelId: 'level-2', score: 1, occurredAt: new Date() })")
    assert_now(server.bodies("levels/complete")[1]["occurred_at"])


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_time_of_sending_is_from_the_same_clock_as_the_times_of_results(server, context, open_tab, hours):
    """Not corrected before the first answer, so that the server corrects both; corrected afterwards."""
    context.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    tab = open_tab()
    for _ in range(2):
        tab.evaluate("tracker.complete({ levelId: 'level-2', score: 1, occurredAt: new Date() })")
    first, second = server.bodies("levels/complete")
    assert_about(first["occurred_at"], datetime.now(UTC) + timedelta(hours=hours))
    assert_about(first["sent_at"], datetime.now(UTC) + timedelta(hours=hours))
    assert_now(second["occurred_at"])
    assert_now(second["sent_at"])


@pytest.mark.parametrize("hours", [-1, 1])
def test_what_an_answer_says_between_two_tries_does_not_correct_the_time_of_sending_alone(
    server, context, open_tab, hours
):
    moment = {"Date": datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")}
    server.answers["levels/complete"] = [(503, {}, moment), server.accept]
    context.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    tab = open_tab()
    tab.evaluate("tracker.complete({ levelId: 'level-2', score: 1, occurredAt: new Date() })")
    for body in server.bodies("levels/complete"):
        assert_about(body["occurred_at"], datetime.now(UTC) + timedelta(hours=hours))
        assert_about(body["sent_at"], datetime.now(UTC) + timedelta(hours=hours))


def test_batches_carry_the_time_of_sending(server, context, open_tab):
    context.clock.install(time=datetime.now(UTC) + timedelta(hours=5))
    tab = open_tab()
    complete(tab)
    go_offline(server)
    complete(tab)
    reconnect(tab, server)
    (body,) = server.bodies("sync")
    assert_now(body["sent_at"])
    assert_now(body["events"][0]["occurred_at"])


def test_a_time_that_the_caller_wrote_is_sent_as_it_is(server, open_tab):
    tab = open_tab()
    written = "2026-11-20T08:00:00Z"
    tab.evaluate("(at) => tracker.complete({ levelId: 'level-2', score: 1, occurredAt: at })", written)
    (body,) = server.bodies("levels/complete")
    assert (body["occurred_at"], "sent_at" in body) == (written, False)


def assert_about(moment, expected):
    assert abs(datetime.fromisoformat(moment) - expected) < timedelta(minutes=1)


def assert_now(moment):
    assert_about(moment, datetime.now(UTC))
