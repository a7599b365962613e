"""clients/js: kept results are sent in batches through POST sync."""

import pytest

from .fake_server import LOST, refuse
from .tracker_tab import OTHERS_ARE_REFUSED, complete, go_offline, kept, reconnect

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


def test_at_most_500_events_go_into_one_batch(server, open_tab):
    go_offline(server)
    tab = open_tab()
    complete(tab)
    tab.evaluate(MANY, 1099)
    reconnect(tab, server)
    assert [len(body["events"]) for body in server.bodies("sync")] == [500, 500, 100]
    assert [event["client_event_id"] for event in server.events()][1:] == [f"event-{number}" for number in range(1099)]


def test_each_event_has_its_own_result(server, open_tab):
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
def test_an_answer_without_a_result_for_each_event_changes_nothing(server, open_tab, answer):
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
