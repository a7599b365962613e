"""static/skillquest/tracker.js on devices whose clock is wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from .fake_server import until
from .tracker_tab import complete, go_offline


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


def assert_now(moment):
    assert abs(datetime.fromisoformat(moment) - datetime.now(UTC)) < timedelta(minutes=1)
