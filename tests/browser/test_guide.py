"""The JavaScript of docs/clients.md, run in a page of the site as it stands."""

import pytest
from playwright.sync_api import expect

from tests.test_clients_guide import blocks
from tracking.models import Completion


@pytest.fixture
def run_guide(player):
    (script,) = blocks("js")
    player.route("**/guide.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))

    def run_guide():
        player.goto("/profile")
        player.add_script_tag(url="/guide.js", type="module")

    return run_guide


def test_the_quick_start_earns_xp(player, run_guide):
    run_guide()
    expect(player).to_have_title("+85 XP")
    assert Completion.objects.get().score == 850


def test_the_quick_start_keeps_its_result_without_a_server(player, run_guide):
    player.route("**/api/v1/levels/complete", lambda route: route.abort())
    player.route("**/api/v1/sync", lambda route: route.abort())
    run_guide()
    expect(player).to_have_title("Saved on this device; it will be sent when you are online.", timeout=30_000)
    player.unroute_all()
    player.goto("/dashboard")
    expect(player.get_by_text("What was saved on this device has been sent.")).to_be_visible()
    assert Completion.objects.get().score == 850


def test_the_quick_start_can_be_pasted_into_the_console(player):
    player.goto("/profile")
    (script,) = blocks("js")
    console = player.context.new_cdp_session(player)
    outcome = console.send("Runtime.evaluate", {"expression": script, "replMode": True, "awaitPromise": True})
    assert "exceptionDetails" not in outcome
    expect(player).to_have_title("+85 XP")
