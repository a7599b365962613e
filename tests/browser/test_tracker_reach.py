"""clients/js: why there was no answer. Was it the browser, the network, or the server?"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.conf import settings

from .fake_server import LOST
from .tracker_tab import complete, go_offline, kept

SOURCES = settings.BASE_DIR / "clients/js/src"
# A page that our server does not serve, whose policy is that of its first element.
PAGE = """<!doctype html><meta http-equiv="Content-Security-Policy" content="{policy}"><title>A game</title>"""
REASON = """async ({ baseUrl }) => {
    const { createTracker } = await import("/index.js");
    const tracker = createTracker({ baseUrl, token: "a token" });
    const error = await tracker.complete({ levelId: "level-1", score: 1 }).catch((error) => error);
    return [error.code, error.problem.reason, error.mayPass, error.isFinal];
}"""


@pytest.fixture
def reason_on(context):
    """`reason_on("https://game.example", "http://quest.example/api/v1")`"""

    def reason_on(origin, base_url, policy="default-src 'self' 'unsafe-eval'; connect-src *"):
        context.route(
            f"{origin}/", lambda route: route.fulfill(content_type="text/html", body=PAGE.format(policy=policy))
        )
        context.route(
            f"{origin}/*.js",
            lambda route: route.fulfill(
                content_type="text/javascript", body=(SOURCES / route.request.url.rpartition("/")[2]).read_text()
            ),
        )
        tab = context.new_page()
        tab.goto(f"{origin}/")
        return tab.evaluate(REASON, {"baseUrl": base_url})

    return reason_on


def there_is_a_server(context, origin):
    headers = {"Access-Control-Allow-Origin": "*"}
    context.route(f"{origin}/health", lambda route: route.fulfill(json={"status": "ok"}, headers=headers))


def blocked(reason):
    return ["blocked_by_browser", reason, True, False]


def test_an_origin_that_is_not_allowed_is_told_from_a_server_that_is_down(context, reason_on):
    context.route("https://quest.example/**", lambda route: route.abort())
    unreachable = ["network_error", "unreachable", True, False]
    assert reason_on("https://game.example", "https://quest.example/api/v1") == unreachable
    there_is_a_server(context, "https://quest.example")
    assert reason_on("https://game.example", "https://quest.example/api/v1") == blocked("cross_origin")


def test_an_error_page_of_a_proxy_is_not_taken_for_the_server(reason_on):
    """It lacks the headers of CORS, as does the proxy's answer to /health."""
    proxy = ThreadingHTTPServer(("localhost", 0), BaseHTTPRequestHandler)  # 501 for everything
    Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        found = reason_on("http://localhost:1", f"http://localhost:{proxy.server_port}/api/v1")
    finally:
        proxy.shutdown()
        proxy.server_close()
    assert found == ["network_error", "unreachable", True, False]


def test_a_policy_of_the_page_is_recognized(reason_on):
    policy = "default-src 'self' 'unsafe-eval'; connect-src 'self'"
    assert reason_on("https://game.example", "https://quest.example/api/v1", policy) == blocked(
        "content_security_policy"
    )


def test_a_server_without_https_is_recognized(reason_on):
    assert reason_on("https://game.example", "http://quest.example/api/v1") == blocked("mixed_content")


def test_a_server_below_a_path_is_asked_below_that_path(context, reason_on):
    there_is_a_server(context, "https://example.org/skillquest")
    context.route("https://example.org/skillquest/api/**", lambda route: route.abort())
    assert reason_on("https://game.example", "https://example.org/skillquest/api/v1") == blocked("cross_origin")


def test_on_pages_of_the_server_something_in_the_browser_is_suspected(server, context, open_tab):
    tab = open_tab()
    go_offline(server)
    there_is_a_server(context, "**")
    result = complete(tab)
    assert (result["queued"], kept(tab)) == (True, 1)
    why = "tracker.complete({ levelId: 'level-2', score: 1 }).then(({ error }) => error.problem.reason)"
    assert tab.evaluate(why) == "extension"


def test_a_device_that_says_it_is_offline_is_believed_at_once(server, context, open_tab):
    tab = open_tab()
    go_offline(server)
    context.set_offline(True)
    before = len(server.requests)
    why = "tracker.complete({ levelId: 'level-1', score: 1 }).then(({ error }) => error.problem.reason)"
    assert tab.evaluate(why) == "offline"
    assert len(server.requests) - before <= 1


def test_a_page_that_answers_for_the_api_is_recognized(server, open_tab):
    """The sign-in page of a Wi-Fi network."""
    tab = open_tab()
    server.answers["levels/complete"] = [(200, None)]
    why = "tracker.complete({ levelId: 'level-1', score: 1 }).then(({ error }) => error.problem.reason)"
    assert tab.evaluate(why) == "not_the_api"
    server.answers["levels/complete"] = [LOST]
