"""examples/browser_game: a page on another origin plays with a short token, which its own server gets with a key."""

import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from levels.models import Level
from skillquest.accounts.models import AuthSession, User
from skillquest.machines.services import revoke_key
from tests.factories import StaffFactory, UserFactory
from tests.machines.keys import make_key
from tracking.models import Completion, LearningSession

EXAMPLE = settings.BASE_DIR / "examples/browser_game"
BLOCKED = (
    "The browser blocked the request: the server does not allow this page's origin, or an extension of the browser "
    "blocks it."
)


@pytest.fixture
def key(catalogue):
    key, text = make_key(scopes=["learners"])
    key.text = text
    return key


@pytest.fixture
def origin(live_server, key, tmp_path):
    """Of the game's own server."""
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"SKILLQUEST_URL": live_server.url, "SKILLQUEST_KEY": key.text}
    with subprocess.Popen(
        [sys.executable, EXAMPLE / "server.py", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout.readline() == f"The game is at http://localhost:{port}/\n"
        yield f"http://localhost:{port}"
        server.terminate()


@pytest.fixture
def allowed(settings, origin):
    settings.CORS_ALLOWED_ORIGINS = [origin]


@pytest.fixture
def game(open_browser, origin):
    page = open_browser()
    page.requested = []
    page.on("request", lambda request: page.requested.append(request))
    page.goto(origin)
    return page


def play(game):
    """All sums right."""
    game.get_by_role("button", name="Begin").click()
    expect(game.get_by_role("textbox")).to_be_visible(timeout=30_000)
    for _ in range(5):
        a, b = game.locator("#sum").inner_text().split(" + ")
        game.get_by_role("textbox").fill(str(int(a) + int(b)))
        game.get_by_role("button", name="Next").click()


def shows(game, text):
    expect(game.get_by_role("status")).to_have_text(text, timeout=30_000)


@pytest.mark.usefixtures("allowed")
def test_a_page_on_another_origin_plays_with_a_short_token(game, origin, live_server, key):
    play(game)
    shows(game, "+50 XP")
    expect(game.locator("#total")).to_have_text("150 XP, level 2: Novice")
    completion = Completion.objects.get()
    assert (completion.score, completion.level.level_id, completion.trust) == (100, "hello-world", "reported")
    assert completion.learner.external_id == game.context.cookies()[0]["value"]
    assert {request.url[: len(origin)] for request in game.requested} <= {origin, live_server.url[: len(origin)]}
    sent = [request.all_headers() for request in game.requested if request.url.startswith(live_server.url)]
    assert [headers["authorization"][:9] for headers in sent if "authorization" in headers] == ["Bearer ey"] * len(sent)
    assert key.text not in str(sent)
    assert not any("cookie" in headers for headers in sent)


@pytest.mark.usefixtures("allowed")
def test_what_was_played_offline_is_sent_when_the_connection_is_back(game):
    expect(game.get_by_role("button", name="Begin")).to_be_enabled()
    game.context.set_offline(True)
    play(game)
    shows(game, "Saved on this device. This device is not connected to a network.")
    assert not Completion.objects.exists()
    game.context.set_offline(False)
    shows(game, "What was saved has been sent: +50 XP")
    assert Completion.objects.get().score == 100


@pytest.mark.usefixtures("allowed")
def test_another_token_is_fetched_when_the_first_has_ended(game):
    play(game)
    shows(game, "+50 XP")
    AuthSession.objects.all().delete()
    play(game)
    shows(game, "+0 XP")
    assert (Completion.objects.count(), AuthSession.objects.count()) == (2, 1)


@pytest.mark.usefixtures("allowed")
def test_after_the_key_is_revoked_the_page_is_refused_and_says_why(game, key):
    play(game)
    shows(game, "+50 XP")
    revoke_key(key, actor=StaffFactory(), at=timezone.now())
    game.get_by_role("button", name="Begin").click()
    expect(game.get_by_role("status")).to_contain_text("(invalid_token)")
    assert LearningSession.objects.count() == 1


def test_a_page_that_is_not_allowed_gets_nothing_and_is_told_so(game):
    play(game)
    shows(game, f"Saved on this device. {BLOCKED}")
    assert not LearningSession.objects.exists()
    assert not Completion.objects.exists()


def test_a_result_that_was_blocked_is_sent_once_the_page_is_allowed(game, settings, origin):
    play(game)
    shows(game, f"Saved on this device. {BLOCKED}")
    settings.CORS_ALLOWED_ORIGINS = [origin]
    game.reload()
    shows(game, "What was saved has been sent: +50 XP")


@pytest.mark.usefixtures("allowed")
def test_a_cookie_of_the_site_is_of_no_use_to_the_page(open_browser, sign_in_page, origin, live_server):
    """Both are `localhost`, so the browser would even send the cookie."""
    game = sign_in_page(open_browser(), UserFactory())
    game.goto(origin)
    assert game.context.cookies(live_server.url) != []
    read = "url => fetch(url, { credentials: 'include' }).then((a) => a.status, (error) => error.name)"
    assert game.evaluate(read, f"{live_server.url}/api/v1/auth/me") == "TypeError"
    assert game.evaluate(read.replace("include", "omit"), f"{live_server.url}/api/v1/auth/me") == 401


def test_the_level_of_the_example_is_in_the_catalogue(catalogue):
    assert Level.objects.get(level_id="hello-world").published
    assert "hello-world" in (EXAMPLE / "game.js").read_text()
    assert not User.objects.filter(external_id__isnull=False).exists()
