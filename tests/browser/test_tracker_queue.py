"""static/skillquest/tracker.js without a line: what is kept on the device, for whom, and how it is sent later."""

from datetime import UTC, datetime, timedelta

import pytest

from skillquest.api.parsing import SOMEBODY_ELSE

from .fake_server import BOARD, COMPLETE, HURRY, LOST, FakeServer, refuse, until

ANA, BEN = 41, 42
MAZE = {"levelId": "level-1", "score": 800, "timeSpent": 60}
OTHERS_ARE_REFUSED = refuse("invalid", errors={"user_id": [SOMEBODY_ELSE]})


# Written into the storage directly: a thousand completions take a while.
MANY = """async (count) => {
    const opening = indexedDB.open("skillquest", 1);
    await new Promise((opened) => (opening.onsuccess = opened));
    const stored = opening.result.transaction("deeds", "readwrite").objectStore("deeds");
    for (let number = 0; number < count; number += 1) {
        const event = { type: "level_completion", client_event_id: `event-${number}`, level_id: "level-1", score: 1 };
        stored.add({ person: 41, event, moments: {}, offset: 0 });
    }
    await new Promise((done) => (stored.transaction.oncomplete = done));
}"""

FULL = """IDBObjectStore.prototype.add = () => { throw new DOMException("", "QuotaExceededError"); }"""
FORBIDDEN = """indexedDB.open = () => { throw new DOMException("", "SecurityError"); }"""
MISSING = """Object.defineProperty(window, "indexedDB", { value: undefined })"""


@pytest.fixture
def context(chromium, live_server):
    context = chromium.new_context(base_url=live_server.url)
    context.add_init_script(HURRY)
    yield context
    context.close()


@pytest.fixture
def server(context):
    return FakeServer(context)


@pytest.fixture
def open_tab(context):
    """`open_tab(person)` -> a page with a tracker on board."""

    def open_tab(person=ANA, **options):
        page = context.new_page()
        page.goto("/sign-in")
        page.evaluate(BOARD, {"person": person, **options})
        return page

    return open_tab


def complete(tab, **changes):
    return tab.evaluate(COMPLETE, MAZE | changes)


def go_offline(server):
    server.answers |= {"levels/complete": [LOST], "sessions/start": [LOST], "sessions/end": [LOST], "sync": [LOST]}


def reconnect(tab, server):
    server.answers = {}
    server.requests.clear()
    tab.evaluate("dispatchEvent(new Event('online'))")
    until(tab, "tracker.waiting().then((left) => left === 0)")


def kept(tab):
    return tab.evaluate("tracker.waiting()")


def test_what_was_answered_is_not_kept(server, open_tab):
    tab = open_tab()
    assert complete(tab)["awarded_xp"] == 28
    assert kept(tab) == 0
    assert server.bodies("sync") == []


def test_what_is_sent_names_the_person(server, open_tab):
    complete(open_tab())
    assert server.bodies("levels/complete")[0]["user_id"] == ANA


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


@pytest.mark.parametrize("refusal", [refuse("level_locked", 403), refuse("invalid"), refuse("event_id_reused", 409)])
def test_what_the_server_refused_is_not_kept(server, open_tab, refusal):
    server.answers["levels/complete"] = [refusal]
    tab = open_tab()
    assert complete(tab)["code"] == refusal[1]["code"]
    assert kept(tab) == 0


def test_without_a_person_nothing_is_kept(server, open_tab):
    go_offline(server)
    tab = open_tab(None)
    assert complete(tab)["code"] == "network_error"
    assert tab.evaluate("indexedDB.databases()") == []


def test_on_reconnecting_it_is_sent_in_the_order_of_the_completions(server, open_tab):
    go_offline(server)
    tab = open_tab()
    sent = [complete(tab, levelId=level)["client_event_id"] for level in ("level-1", "level-2", "level-3")]
    reconnect(tab, server)
    assert [event["client_event_id"] for event in server.events()] == sent
    assert [event["level_id"] for event in server.events()] == ["level-1", "level-2", "level-3"]
    assert tab.evaluate("verdicts.map(({ status, event }) => [status, event.level_id])") == [
        ["created", "level-1"],
        ["created", "level-2"],
        ["created", "level-3"],
    ]


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


def test_a_later_completion_does_not_overtake_waiting_ones(server, open_tab):
    go_offline(server)
    tab = open_tab()
    complete(tab, levelId="level-1")
    server.answers = {}
    server.requests.clear()
    result = complete(tab, levelId="level-2")
    assert [event["level_id"] for event in server.events()] == ["level-1", "level-2"]
    assert server.bodies("levels/complete") == []
    assert (result["awarded_xp"], result["is_new_completion"], kept(tab)) == (28, True, 0)
    assert tab.evaluate("verdicts.map(({ event }) => event.level_id)") == ["level-1"], "the caller heard of its own"


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


def test_at_most_500_events_go_into_one_batch(server, open_tab):
    go_offline(server)
    tab = open_tab()
    complete(tab)
    tab.evaluate(MANY, 1099)
    reconnect(tab, server)
    assert [len(body["events"]) for body in server.bodies("sync")] == [500, 500, 100]
    assert [event["client_event_id"] for event in server.events()][1:] == [f"event-{number}" for number in range(1099)]


def test_each_event_has_its_own_verdict(server, open_tab):
    go_offline(server)
    tab = open_tab()
    for level in ("level-1", "level-2", "level-3", "level-4"):
        complete(tab, levelId=level)

    def judge(_path, body):
        statuses = ["created", "replayed", "held", "rejected"]
        results = [server.verdict(event, status) for event, status in zip(body["events"], statuses, strict=True)]
        results[3]["problem"] = refuse("level_locked", 403)[1]
        return 200, {"results": results}

    server.answers = {"sync": [judge]}
    assert tab.evaluate("tracker.flush()") == 0
    assert tab.evaluate("verdicts.map(({ status }) => status)") == ["created", "replayed", "held", "rejected"]
    assert tab.evaluate("verdicts[3].problem.code") == "level_locked"


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
def test_a_result_of_a_level_that_may_be_opened_is_kept_and_rests_for_an_hour(server, context, open_tab, code):
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


def test_that_it_is_refused_again_is_not_reported_again(server, context, open_tab):
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


def test_a_refused_result_that_rests_does_not_delay_the_next_one(server, open_tab):
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


@pytest.mark.parametrize(
    "failure",
    [
        LOST,
        (503, {}),
        (429, {"code": "throttled"}),
        refuse("not_authenticated", 401),
        refuse("csrf_failed", 403),
        refuse("not_found", 404),
        OTHERS_ARE_REFUSED,
    ],
)
def test_a_batch_that_was_not_judged_stays_whole(server, open_tab, failure):
    go_offline(server)
    tab = open_tab()
    complete(tab)
    complete(tab, levelId="level-2")
    server.answers = {"sync": [failure]}
    assert tab.evaluate("tracker.flush()") == 2
    assert tab.evaluate("verdicts") == []


@pytest.mark.parametrize("answer", [{}, {"results": []}, {"results": [{"status": "created"}]}])
def test_an_answer_without_a_verdict_for_each_event_is_none(server, open_tab, answer):
    go_offline(server)
    tab = open_tab()
    complete(tab)
    complete(tab, levelId="level-2")
    server.answers = {"sync": [(200, answer)]}
    assert (tab.evaluate("tracker.flush()"), tab.evaluate("verdicts")) == (2, [])


@pytest.mark.parametrize("status", [400, 413])
def test_one_event_that_spoils_the_batch_is_found_and_the_others_pass(server, open_tab, status):
    go_offline(server)
    tab = open_tab()
    for level in ("level-1", "level-2", "poison", "level-4", "level-5"):
        complete(tab, levelId=level)

    def choke(path, body):
        spoilt = any(event["level_id"] == "poison" for event in body["events"])
        return refuse("unreadable", status) if spoilt else server.accept(path, body)

    server.answers = {"sync": [choke]}
    assert tab.evaluate("tracker.flush()") == 0
    statuses = dict(tab.evaluate("verdicts.map(({ status, event }) => [event.level_id, status])"))
    assert statuses == {
        "level-1": "created",
        "level-2": "created",
        "poison": "rejected",
        "level-4": "created",
        "level-5": "created",
    }


def test_an_event_refused_beside_older_ones_is_refused_to_its_caller(server, open_tab):
    go_offline(server)
    tab = open_tab()
    complete(tab)

    def judge(_path, body):
        first, second = body["events"]
        problem = refuse("level_locked", 403)[1]
        return 200, {"results": [server.verdict(first), {**server.verdict(second, "rejected"), "problem": problem}]}

    server.answers = {"sync": [judge]}
    result = complete(tab, levelId="level-2")
    assert (result["status"], result["code"], kept(tab)) == (403, "level_locked", 0)


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


def test_two_tabs_that_reconnect_together_send_each_event_once(server, open_tab):
    go_offline(server)
    one, other = open_tab(), open_tab()
    for tab in (one, other, one):
        complete(tab)
    server.answers = {}
    server.requests.clear()
    for tab in (one, other):
        tab.evaluate("dispatchEvent(new Event('online'))")
    for tab in (one, other):
        until(tab, "verdicts.length === 3")
    assert len(server.events()) == len({event["client_event_id"] for event in server.events()}) == 3


def test_without_locks_one_tab_still_sends_each_event_once(server, context, open_tab):
    """Pages without HTTPS have none."""
    context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    go_offline(server)
    tab = open_tab()
    complete(tab)
    server.answers = {}
    server.requests.clear()
    assert tab.evaluate("Promise.all([tracker.flush(), tracker.flush(), tracker.flush()])") == [0, 0, 0]
    assert len(server.events()) == 1


def test_what_another_person_left_is_not_mine_to_send(server, open_tab):
    go_offline(server)
    ana = open_tab(ANA)
    complete(ana)
    server.answers = {}
    server.requests.clear()
    ben = open_tab(BEN)
    assert (ben.evaluate("tracker.flush()"), kept(ben)) == (0, 0)
    assert server.requests == []
    assert kept(ana) == 1


def test_who_is_signed_in_as_another_in_the_next_tab_keeps_the_completion(server, open_tab):
    """The cookie is Ben's by now; the server sees Ana's id in the body and refuses."""
    server.answers["levels/complete"] = [OTHERS_ARE_REFUSED]
    tab = open_tab(ANA)
    assert complete(tab)["queued"] is True
    assert len(server.bodies("levels/complete")) == 1
    assert kept(tab) == 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_is_put_right_by_what_the_server_said_before(server, context, open_tab, hours):
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
def test_a_clock_an_hour_off_is_put_right_when_the_server_is_first_met(server, context, open_tab, hours):
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
def test_a_date_by_a_clock_an_hour_off_is_put_right_at_once(server, context, open_tab, hours):
    context.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    tab = open_tab()
    complete(tab)
    tab.evaluate("tracker.complete({ levelId: 'level-2', score: 1, occurredAt: new Date() })")
    assert_now(server.bodies("levels/complete")[1]["occurred_at"])


def assert_now(moment):
    assert abs(datetime.fromisoformat(moment) - datetime.now(UTC)) < timedelta(minutes=1)


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
