"""clients/js: what it sends, when it tries again, and when it gives up."""

import re
from datetime import datetime
from uuid import UUID

import pytest
from django.conf import settings

from gamification.models import LedgerEntry
from tracking.models import Completion

# A made-up server that gives `answers` one by one; waits take no time, and are noted.
RUN = """async ({ answers, options, calls }) => {
    const { createTracker } = await import("/static/skillquest/tracker.js");
    const sent = [], delays = [];
    globalThis.setTimeout = (wake, delay) => { delays.push(delay); queueMicrotask(wake); };
    const fetch = async (url, request) => {
        sent.push({ url, headers: request.headers, credentials: request.credentials, body: JSON.parse(request.body) });
        const { status, body = {}, headers = {} } = answers.length > 1 ? answers.shift() : answers[0];
        if (!status) throw new TypeError("Failed to fetch");
        const text = typeof body === "string" ? body : JSON.stringify(body);
        return new Response(text, { status, headers });
    };
    const tracker = createTracker({ ...options, fetch });
    const settled = await Promise.allSettled(calls.map(([name, ...args]) => tracker[name](...args)));
    const outcomes = settled.map(({ value, reason }) => value ?? {
        name: reason.name, message: reason.message, status: reason.status,
        code: reason.code, problem: reason.problem, retryAfter: reason.retryAfter,
    });
    return { sent, delays, outcomes };
}"""

LOST = {"status": 0}
BUSY = {"status": 503, "body": {"code": "unavailable", "detail": "Busy."}}
DONE = {"status": 200, "body": {"success": True, "awarded_xp": 28}}
COMPLETE = ["complete", {"levelId": "level-3", "score": 850, "timeSpent": 120, "metadata": {"hints_used": 0}}]


@pytest.fixture(scope="module")
def tab(chromium):
    """One tab for all tests here; nothing that they do outlives the evaluated function but the script itself."""
    page = chromium.new_page()
    yield page
    page.close()


@pytest.fixture
def run(tab, live_server):
    def run(*answers, calls=(COMPLETE,), **options):
        tab.goto(f"{live_server.url}/sign-in")
        return tab.evaluate(RUN, {"answers": answers, "calls": calls, "options": options})

    return run


def test_complete_speaks_the_language_of_the_api(run):
    result = run(DONE)
    (request,) = result["sent"]
    event_id = request["body"].pop("client_event_id")
    assert UUID(event_id).version == 4
    assert datetime.fromisoformat(request["body"].pop("sent_at")).tzinfo
    assert request["url"] == "/api/v1/levels/complete"
    assert request["body"] == {"level_id": "level-3", "score": 850, "time_spent": 120, "metadata": {"hints_used": 0}}
    assert result["outcomes"] == [DONE["body"]]


def test_start_and_end_carry_their_id_in_the_header(run):
    result = run(DONE, calls=[["start", "level-1"], ["end", 7, {"score": 85}]])
    start, end = result["sent"]
    assert (start["url"], start["body"]) == ("/api/v1/sessions/start", {"level_id": "level-1"})
    assert (end["url"], end["body"]) == ("/api/v1/sessions/end", {"session_id": 7, "score": 85, "metadata": {}})
    assert UUID(start["headers"]["Idempotency-Key"]) != UUID(end["headers"]["Idempotency-Key"])


def test_an_event_id_of_ones_own_and_a_date_are_passed_on(run):
    result = run(
        DONE,
        calls=[["complete", {"levelId": 3, "score": 1, "clientEventId": "mine", "occurredAt": "2026-11-20T08:00:00Z"}]],
    )
    assert result["sent"][0]["body"] == {
        "level_id": 3,
        "score": 1,
        "client_event_id": "mine",
        "occurred_at": "2026-11-20T08:00:00Z",
    }


@pytest.mark.parametrize(
    "failure", [LOST, BUSY, {"status": 500}, {"status": 429}, {"status": 200, "body": "<p>Wi-Fi</p>"}]
)
def test_what_may_pass_is_tried_again_under_the_same_id(run, failure):
    result = run(failure, failure, DONE)
    assert result["outcomes"] == [DONE["body"]]
    assert len(result["sent"]) == 3
    assert len({request["body"]["client_event_id"] for request in result["sent"]}) == 1


def test_sessions_are_tried_again_under_the_same_key(run):
    result = run(LOST, BUSY, DONE, calls=[["end", 7, {"score": 85}]])
    assert len({request["headers"]["Idempotency-Key"] for request in result["sent"]}) == 1
    assert result["outcomes"] == [DONE["body"]]


def test_the_answer_to_our_own_earlier_try_is_waited_for(run):
    in_flight = {"status": 409, "body": {"code": "idempotency_key_in_flight"}}
    assert run(LOST, in_flight, DONE, calls=[["end", 7, {}]])["outcomes"] == [DONE["body"]]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 422])
def test_a_refusal_is_final(run, status):
    problem = {"code": "level_locked", "detail": "Pass level-1 first.", "missing": ["level-1"]}
    result = run({"status": status, "body": problem}, DONE)
    assert len(result["sent"]) == 1
    assert result["outcomes"] == [
        {
            "name": "TrackerError",
            "message": "Pass level-1 first.",
            "status": status,
            "code": "level_locked",
            "problem": problem,
            "retryAfter": None,
        }
    ]


def test_it_gives_up_after_five_tries(run):
    result = run(LOST)
    assert len(result["sent"]) == 5
    assert result["outcomes"][0]["code"] == "network_error"
    assert result["outcomes"][0]["message"] == "The server cannot be reached."


def test_waits_double_and_are_spread_by_full_jitter(run):
    runs = [run(BUSY)["delays"] for _ in range(12)]
    for position, longest in enumerate([500, 1000, 2000, 4000]):
        waits = [delays[position] for delays in runs]
        assert 0 <= min(waits) < longest * 0.5 < max(waits) <= longest


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_is_honoured(run, status):
    (delay,) = run({"status": status, "headers": {"Retry-After": "7"}}, DONE)["delays"]
    assert 7000 <= delay <= 7500


def test_retry_after_as_a_date_is_honoured(run, tab):
    date = tab.evaluate("new Date(Date.now() + 20_000).toUTCString()")
    (delay,) = run({"status": 429, "headers": {"Retry-After": date}}, DONE)["delays"]
    assert 15_000 <= delay <= 20_500


def test_a_date_gone_by_waits_for_the_jitter_only(run):
    (delay,) = run({"status": 429, "headers": {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}}, DONE)["delays"]
    assert 0 <= delay <= 500


def test_nobody_is_made_to_wait_for_an_hour(run):
    result = run({"status": 429, "body": {"code": "throttled"}, "headers": {"Retry-After": "3600"}})
    assert len(result["sent"]) == 1
    assert result["outcomes"][0]["retryAfter"] == 3_600_000


def test_the_same_call_twice_at_once_is_sent_once(run):
    result = run(LOST, DONE, calls=[["end", 7, {"score": 85}], ["end", 7, {"score": 85}]])
    assert len(result["sent"]) == 2, "one try and its retry"
    assert result["outcomes"] == [DONE["body"], DONE["body"]]


def test_with_a_token_it_sends_that_and_no_cookies(run):
    (request,) = run(DONE, token="abc", baseUrl="https://quest.example/api/v1")["sent"]
    assert request["url"] == "https://quest.example/api/v1/levels/complete"
    assert request["headers"]["Authorization"] == "Bearer abc"
    assert request["credentials"] == "omit"
    assert "X-CSRFToken" not in request["headers"]


def test_with_a_cookie_it_sends_the_csrf_token(run):
    (request,) = run(DONE)["sent"]
    assert request["headers"]["X-CSRFToken"]
    assert request["credentials"] == "same-origin"
    assert "Authorization" not in request["headers"]


def test_a_page_without_https_has_no_random_uuid_and_gets_one_all_the_same(run, tab):
    run(DONE)
    made = tab.evaluate("""async () => {
        Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
        const { newEventId } = await import("/static/skillquest/tracker.js");
        return [newEventId(), newEventId()];
    }""")
    assert [UUID(event_id).version for event_id in made] == [4, 4]
    assert made[0] != made[1]


def test_against_the_real_server_a_storm_of_retries_pays_once(player):
    """Answers lost, a busy server, a limit: everything on the way to one ledger line."""
    player.goto("/profile")
    trials = []

    def misbehave(route):
        trials.append(route.request.post_data_json["client_event_id"])
        if len(trials) == 1:
            route.fetch()
            route.abort()
        elif len(trials) == 2:
            route.fulfill(status=503, headers={"Retry-After": "0"})
        elif len(trials) == 3:
            route.fulfill(status=429, headers={"Retry-After": "1"})
        else:
            route.continue_()

    player.route("**/api/v1/levels/complete", misbehave)
    reward = player.evaluate("""async () => {
        const { createTracker } = await import("/static/skillquest/tracker.js");
        const metadata = { hints_used: 0 };
        return createTracker().complete({ levelId: "level-3", score: 850, timeSpent: 120, metadata });
    }""")
    assert (reward["awarded_xp"], reward["is_new_completion"]) == (170, False)
    assert (len(trials), len(set(trials))) == (4, 1)
    assert str(Completion.objects.get().client_event_id) == trials[0]
    assert LedgerEntry.objects.get(reason="level_completion").delta == 170


def test_the_types_name_what_there_is(tab, live_server):
    tab.goto(f"{live_server.url}/sign-in")
    exported, methods = tab.evaluate("""async () => {
        const module = await import("/static/skillquest/tracker.js");
        return [Object.keys(module), Object.keys(module.createTracker())];
    }""")
    types = (settings.BASE_DIR / "clients/js/src/index.d.ts").read_text()
    assert set(exported) == set(re.findall(r"^export (?:function|class) (\w+)", types, re.MULTILINE))
    (tracker,) = re.findall(r"^export interface Tracker {\n(.*?)^}", types, re.MULTILINE | re.DOTALL)
    assert set(methods) == set(re.findall(r"^  (\w+)\(", tracker, re.MULTILINE))
