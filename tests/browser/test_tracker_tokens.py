"""clients/js: tokens that end. Who refreshes them, how often, and what happens when nobody can."""

import pytest

from .fake_server import refuse
from .tracker_tab import MAZE, complete, kept

EXPIRED = refuse("token_expired", 401)
ENDED = refuse("invalid_token", 401)
FIRST = {"access_token": "access 1", "refresh_token": "refresh 1"}


@pytest.fixture
def issuer(server):
    """Accepts the access token of the last pair only, and each refresh token once."""
    server.generation, server.refreshed = 2, []

    def answer(path, body):
        return server.accept(path, body) if server.authorization == f"Bearer access {server.generation}" else EXPIRED

    def refresh(_path, body):
        server.refreshed.append(body["refresh_token"])
        if len(server.refreshed) > 1:
            return ENDED
        return 200, {"access_token": "access 2", "refresh_token": "refresh 2"}

    server.answers |= {"levels/complete": [answer], "auth/me": [answer], "auth/refresh": [refresh]}
    return server


def test_an_access_token_that_has_expired_is_refreshed_and_the_call_repeated(issuer, open_tab):
    tab = open_tab(tokens=FIRST)
    assert complete(tab)["awarded_xp"] == 28
    assert issuer.refreshed == ["refresh 1"]
    first, again = issuer.bodies("levels/complete")
    assert first["client_event_id"] == again["client_event_id"]


def test_calls_that_come_together_refresh_once(issuer, open_tab):
    tab = open_tab(None, tokens=FIRST)
    both = "Promise.all([1, 2, 3].map((score) => tracker.complete({ levelId: 'level-1', score })))"
    assert [answer["awarded_xp"] for answer in tab.evaluate(both)] == [28, 28, 28]
    assert issuer.refreshed == ["refresh 1"]


def test_two_tabs_with_the_same_tokens_refresh_once(issuer, open_tab):
    tabs = [open_tab(None, tokens=FIRST) for _ in range(2)]
    for tab in tabs:
        tab.evaluate("maze => { globalThis.done = tracker.complete(maze).then(({ awarded_xp }) => awarded_xp); }", MAZE)
    assert [tab.evaluate("done") for tab in tabs] == [28, 28]
    assert issuer.refreshed[0] == "refresh 1"
    assert set(issuer.refreshed) == {"refresh 1"}, "the second tab may have been faster than the message of the first"


def test_a_page_that_stores_its_tokens_is_asked_for_them_and_told_the_new_ones(issuer, open_tab):
    tab = open_tab(None)
    stored = tab.evaluate(
        """async ({ first, maze }) => {
            const { createTracker } = await import("/static/skillquest/tracker/index.js");
            let stored = first;
            const tracker = createTracker({ tokens: () => stored, onTokens: (next) => { stored = next; } });
            await tracker.complete(maze);
            return stored;
        }""",
        {"first": FIRST, "maze": MAZE},
    )
    assert stored == {"access_token": "access 2", "refresh_token": "refresh 2"}


def test_when_the_sign_in_has_ended_the_result_stays_on_the_device(server, open_tab):
    server.answers |= {"levels/complete": [EXPIRED], "auth/refresh": [ENDED]}
    tab = open_tab(tokens=FIRST)
    result = complete(tab)
    assert (result["queued"], kept(tab)) == (True, 1)
    assert len(server.bodies("levels/complete")) == 1


RENEWING = """async ({ given, maze }) => {
    const { createTracker } = await import("/static/skillquest/tracker/index.js");
    globalThis.asked = 0;
    const renewToken = async () => {
        asked += 1;
        if (given === null) throw new Error("The game server is down.");
        return given;
    };
    const tracker = createTracker({ token: globalThis.token, renewToken });
    const calls = [1, 2].map((score) => tracker.complete({ ...maze, score }));
    return Promise.all(calls.map((call) => call.then(({ awarded_xp }) => awarded_xp, ({ code }) => code)));
}"""


def test_a_page_without_a_token_asks_its_server_once(issuer, open_tab):
    tab = open_tab(None)
    assert tab.evaluate(RENEWING, {"given": "access 2", "maze": MAZE}) == [28, 28]
    assert tab.evaluate("asked") == 1


def test_a_token_that_has_expired_is_replaced_once(issuer, open_tab):
    tab = open_tab(None)
    tab.evaluate("globalThis.token = 'access 1'")
    assert tab.evaluate(RENEWING, {"given": "access 2", "maze": MAZE}) == [28, 28]
    assert tab.evaluate("asked") == 1


def test_a_server_that_gives_the_same_token_again_leaves_the_refusal(issuer, open_tab):
    tab = open_tab(None)
    tab.evaluate("globalThis.token = 'access 1'")
    assert tab.evaluate(RENEWING, {"given": "access 1", "maze": MAZE}) == ["token_expired", "token_expired"]


def test_without_a_token_and_without_the_page_s_server_a_call_fails(server, open_tab):
    tab = open_tab(None)
    assert tab.evaluate(RENEWING, {"given": None, "maze": MAZE}) == ["no_token", "no_token"]
    assert server.bodies("levels/complete") == []


def test_a_refusal_of_another_kind_renews_nothing(server, open_tab):
    server.answers["levels/complete"] = [refuse("tracking_disabled", 403)]
    tab = open_tab(None)
    tab.evaluate("globalThis.token = 'access 1'")
    assert tab.evaluate(RENEWING, {"given": "access 2", "maze": MAZE}) == ["tracking_disabled"] * 2
    assert tab.evaluate("asked") == 0
