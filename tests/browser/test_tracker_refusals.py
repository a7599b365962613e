"""clients/js: kept results that the server refuses."""

from datetime import UTC, datetime, timedelta

import pytest

from .fake_server import refuse
from .tracker_tab import complete, go_offline, kept


@pytest.mark.parametrize("refusal", [refuse("level_locked", 403), refuse("invalid"), refuse("event_id_reused", 409)])
def test_what_the_server_refused_is_not_kept(server, open_tab, refusal):
    server.answers["levels/complete"] = [refusal]
    tab = open_tab()
    assert complete(tab)["code"] == refusal[1]["code"]
    assert kept(tab) == 0


def reject_with(server, code):
    """A sync answer that rejects every event with this code."""

    def answer(_path, body):
        problem = refuse(code, 403)[1]
        return 200, {"results": [server.verdict(event, "rejected") | {"problem": problem} for event in body["events"]]}

    return answer


def refuse_kept_result(server, tab, code, **result):
    go_offline(server)
    complete(tab, **result)
    server.answers = {"sync": [reject_with(server, code)]}
    server.requests.clear()
    return tab.evaluate("tracker.flush()")


MAY_BE_OPENED = pytest.mark.parametrize("code", ["level_locked", "unknown_level"])
STATUSES = "verdicts.map(({ status }) => status)"


@MAY_BE_OPENED
def test_a_result_of_a_level_that_may_be_opened_is_kept_and_waits_for_an_hour(server, context, open_tab, code):
    context.clock.install()
    tab = open_tab()
    assert (refuse_kept_result(server, tab, code), kept(tab)) == (0, 1)
    forward(context, minutes=59)
    assert tab.evaluate("tracker.flush()") == 0
    assert (len(server.bodies("sync")), tab.evaluate(STATUSES)) == (1, ["rejected"])


@MAY_BE_OPENED
def test_it_is_sent_again_under_its_id_after_an_hour_and_then_counts(server, context, open_tab, code):
    context.clock.install()
    tab = open_tab()
    refuse_kept_result(server, tab, code)
    server.answers = {}
    forward(context, minutes=61)
    assert (tab.evaluate("tracker.flush()"), kept(tab)) == (0, 0)
    first, second = server.events()
    assert first == second
    assert tab.evaluate(STATUSES) == ["rejected", "created"]


def test_a_second_refusal_of_a_kept_result_is_not_reported(server, context, open_tab):
    context.clock.install()
    tab = open_tab()
    refuse_kept_result(server, tab, "level_locked")
    for hours in (2, 4):
        forward(context, hours=hours)
        assert tab.evaluate("tracker.flush()") == 0
    assert (len(server.bodies("sync")), kept(tab), tab.evaluate(STATUSES)) == (3, 1, ["rejected"])


def test_another_refusal_than_before_is_reported_and_final(server, context, open_tab):
    context.clock.install()
    tab = open_tab()
    refuse_kept_result(server, tab, "level_locked")
    server.answers = {"sync": [reject_with(server, "clock_out_of_range")]}
    forward(context, minutes=61)
    assert (tab.evaluate("tracker.flush()"), kept(tab)) == (0, 0)
    assert tab.evaluate(STATUSES) == ["rejected", "rejected"]


def test_a_result_older_than_thirty_days_is_not_kept_after_a_refusal(server, open_tab):
    tab = open_tab()
    old = (datetime.now(UTC) - timedelta(days=31)).isoformat()
    assert (refuse_kept_result(server, tab, "unknown_level", occurredAt=old), kept(tab)) == (0, 0)
    assert tab.evaluate(STATUSES) == ["rejected"]


def test_a_refused_result_that_waits_does_not_delay_the_next_one(server, open_tab):
    tab = open_tab()
    refuse_kept_result(server, tab, "level_locked")
    server.answers = {}
    server.requests.clear()
    assert complete(tab, levelId="level-2")["awarded_xp"] == 28
    assert [path for path, _body in server.requests] == ["levels/complete"]
    assert kept(tab) == 1


def forward(context, **duration):
    """Only the clock; no timer fires."""
    context.clock.set_system_time(datetime.now(UTC) + timedelta(**duration))


def test_by_default_a_refusal_in_the_background_is_written_to_the_console(server, context, open_tab):
    go_offline(server)
    tab = open_tab()
    complete(tab)
    tab.close()
    refused = {"status": "rejected", "problem": refuse("level_locked", 403)[1]}
    server.answers = {"sync": [lambda _path, body: (200, {"results": [server.verdict(body["events"][0]) | refused]})]}
    page = context.new_page()
    page.goto("/sign-in")
    with page.expect_console_message(lambda message: "the server refused a saved result" in message.text):
        page.evaluate("import('/static/skillquest/tracker.js').then((m) => m.createTracker({ person: 41 }))")
