"""clients/js without a connection: which results the device keeps, and when it sends them."""

from datetime import UTC, datetime, timedelta

import pytest

from .fake_server import LOST, refuse, until
from .tracker_tab import complete, go_offline, kept, reconnect

FULL = """IDBObjectStore.prototype.add = () => { throw new DOMException("", "QuotaExceededError"); }"""
FORBIDDEN = """indexedDB.open = () => { throw new DOMException("", "SecurityError"); }"""
MISSING = """Object.defineProperty(window, "indexedDB", { value: undefined })"""


def test_what_was_answered_is_not_kept(server, open_tab):
    tab = open_tab()
    assert complete(tab)["awarded_xp"] == 28
    assert kept(tab) == 0
    assert server.bodies("sync") == []


def test_a_completion_is_on_the_device_before_it_is_sent(server, open_tab):
    tab = open_tab()
    server.answers["levels/complete"] = [lambda path, body: (seen.append(kept(tab)), server.accept(path, body))[1]]
    seen = []
    complete(tab)
    assert seen == [1]


@pytest.mark.parametrize(
    "failure",
    [
        LOST,
        (503, {}),
        (429, {"code": "throttled"}),
        refuse("not_authenticated", 401),
        refuse("tracking_disabled", 403),
        (403, {}),
    ],
)
def test_what_was_not_judged_waits_on_the_device(server, open_tab, failure):
    server.answers["levels/complete"] = [failure]
    tab = open_tab()
    result = complete(tab)
    assert (result["queued"], kept(tab)) == (True, 1)
    assert result["client_event_id"] == server.bodies("levels/complete")[0]["client_event_id"]


def test_an_event_contains_all_that_was_known_of_the_completion(server, open_tab):
    go_offline(server)
    tab = open_tab()
    complete(tab, levelType="simulation", difficulty="easy", metadata={"hints_used": 0})
    reconnect(tab, server)
    (event,) = server.events()
    occurred_at = datetime.fromisoformat(event.pop("occurred_at"))
    assert abs(occurred_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert event == {
        "type": "level_completion",
        "client_event_id": event["client_event_id"],
        "level_id": "level-1",
        "level_type": "simulation",
        "score": 800,
        "time_spent": 60,
        "difficulty": "easy",
        "metadata": {"hints_used": 0},
    }


def test_the_same_result_again_while_offline_is_another_completion(server, open_tab):
    go_offline(server)
    tab = open_tab()
    assert complete(tab)["client_event_id"] != complete(tab)["client_event_id"]
    assert kept(tab) == 2


def test_a_session_that_cannot_be_ended_waits_with_its_start(server, open_tab):
    tab = open_tab()
    started = {"session_id": 7, "level_id": "level-1", "start_time": "2026-11-20T08:00:00Z", "is_new_session": True}
    server.answers["sessions/start"] = [(200, started)]
    tab.evaluate("async () => { globalThis.session = await tracker.start('level-1'); }")
    go_offline(server)
    tab.evaluate("tracker.end(session, { score: 300, metadata: { mistakes: 2 } })")
    reconnect(tab, server)
    (event,) = server.events()
    assert {**event, "time_spent": 0} == {
        "type": "session",
        "client_event_id": event["client_event_id"],
        "session_id": 7,
        "start_time": "2026-11-20T08:00:00Z",
        "time_spent": 0,
        "score": 300,
        "metadata": {"mistakes": 2},
    }


def test_a_session_named_by_its_id_alone_is_remembered(server, open_tab):
    tab = open_tab()
    server.answers["sessions/start"] = [
        (200, {"session_id": 7, "level_id": "level-1", "start_time": "2026-11-20T08:00Z"})
    ]
    tab.evaluate("tracker.start('level-1')")
    go_offline(server)
    tab.evaluate("tracker.end(7, { score: 300 })")
    reconnect(tab, server)
    assert server.events()[0]["start_time"] == "2026-11-20T08:00Z"


def test_a_session_can_begin_without_the_server(server, open_tab):
    go_offline(server)
    tab = open_tab()
    session = tab.evaluate("async () => globalThis.session = await tracker.start('level-1')")
    assert (session["session_id"], session["queued"]) == (None, True)
    tab.evaluate("tracker.end(session, { score: 300 })")
    reconnect(tab, server)
    (event,) = server.events()
    assert (event["level_id"], event["score"], event["time_spent"]) == ("level-1", 300, 0)
    assert abs(datetime.fromisoformat(event["start_time"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_what_waits_is_sent_when_a_tab_opens(server, open_tab):
    go_offline(server)
    tab = open_tab()
    complete(tab)
    tab.close()
    server.answers = {}
    again = open_tab()
    until(again, "verdicts.length === 1")
    assert kept(again) == 0


def test_what_waits_is_sent_when_the_tab_is_shown_again(server, open_tab):
    go_offline(server)
    tab = open_tab()
    complete(tab)
    server.answers = {}
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    until(tab, "verdicts.length === 1")


def test_it_wakes_by_itself_after_about_a_minute(server, context, open_tab):
    context.clock.install()
    go_offline(server)
    tab = open_tab()
    tab.evaluate("void tracker.complete({ levelId: 'level-1', score: 1 }).then(() => { globalThis.answered = true; })")
    for _ in range(5):
        context.clock.run_for(10_000)
    until(tab, "globalThis.answered")
    server.answers = {}
    context.clock.run_for(90_000)
    until(tab, "verdicts.length === 1")


def test_a_closed_tracker_sends_nothing(server, open_tab):
    go_offline(server)
    tab = open_tab()
    complete(tab)
    server.answers = {}
    server.requests.clear()
    tab.evaluate("tracker.close(); dispatchEvent(new Event('online'))")
    tab.wait_for_timeout(200)
    assert (server.requests, kept(tab)) == ([], 1)


@pytest.mark.parametrize(
    ("forbid", "error"), [(FULL, "QuotaExceededError"), (FORBIDDEN, "SecurityError"), (MISSING, "TypeError")]
)
def test_where_nothing_can_be_kept_it_says_so_and_a_lost_completion_is_an_error(
    server, context, open_tab, forbid, error
):
    context.add_init_script(forbid)
    tab = open_tab()
    assert complete(tab)["awarded_xp"] == 28, "online nothing is lost"
    go_offline(server)
    assert complete(tab)["code"] == "network_error"
    assert set(tab.evaluate("unkept")) == {error}


def test_a_request_outlives_the_page_that_is_left(server, open_tab):
    tab = open_tab()
    kept_alive = tab.evaluate("""async () => {
        const { createTracker } = await import("/static/skillquest/tracker.js");
        const seen = [];
        const fetch = async (url, request) => (seen.push(request.keepalive), new Response("{}"));
        const tracker = createTracker({ fetch });
        await tracker.complete({ levelId: 1, score: 1 });
        await tracker.complete({ levelId: 1, score: 1, metadata: { client_version: "x".repeat(40_000) } });
        return seen;
    }""")
    assert kept_alive == [True, False], "browsers refuse to keep large ones alive"
