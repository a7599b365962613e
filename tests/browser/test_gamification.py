"""What a learner sees of a reward: the celebration, the check-in, the boards; each page is checked by axe."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import UserFactory

from . import misinformation_maze as maze
from .conftest import DESKTOP, PHONE
from .test_accessibility import assert_accessible
from .test_journey import has_no_sideways_scroll

PAGES = [
    "/dashboard",
    "/achievements",
    "/achievements?rarity=mythical",
    "/achievements?rarity=legendary&state=unlocked",
    "/leaderboards",
    "/leaderboards/xp_weekly",
    "/history",
    "/profile",
]


@pytest.fixture
def companions(give_xp, catalogue):
    for number in range(14):
        give_xp(UserFactory(display_name=f"Companion {number}"), 2_000 + number)


def test_the_first_level_brings_first_steps_and_says_so(player):
    maze.play(player, right=8)
    expect(player.get_by_role("status")).to_contain_text("Achievement unlocked: First Steps, Common.")
    expect(player.get_by_role("status")).to_contain_text("New badge: First Badge.")
    unlocked = player.get_by_role("list", name="Unlocked just now")
    expect(unlocked.get_by_role("listitem")).to_contain_text(["First Scenario", "First Steps", "First Badge"])
    expect(player.get_by_role("list", name="Why this much")).to_contain_text("for the achievement “First Steps”+50")
    expect(player.get_by_text("Your streak has begun: this is day 1.").last).to_be_visible()
    expect(player.get_by_role("heading", name="Level up!")).to_be_visible()
    assert_accessible(player)

    player.get_by_role("link", name="See it in my journal").click()
    expect(player.get_by_role("link", name="First Steps")).to_be_visible()
    player.get_by_role("link", name="First Steps").click()
    card = player.locator("#first_steps")
    expect(card).to_contain_text(re.compile(r"Unlocked\s+\d+ \w+ \d{4}"))
    assert_accessible(player)


def test_the_sum_adds_up_to_the_prize(player):
    maze.play(player)
    values = player.get_by_role("list", name="Why this much").locator(".numbers").all_text_contents()
    total = sum(int(value.replace("\u2212", "-")) for value in values)
    expect(player.locator("[data-part=prize]")).to_have_text(f"+{total} XP")


def test_playing_again_the_same_day_celebrates_nothing(player):
    maze.play(player)
    maze.begin(player, "Play again")
    maze.answer_all(player)
    player.get_by_role("button", name="See my result").click()
    expect(player.get_by_text("No new XP this time")).to_be_visible()
    expect(player.get_by_role("list", name="Unlocked just now")).to_be_hidden()
    expect(player.get_by_role("status")).to_have_text("Your streak stands at day 1.")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_check_in_lights_the_flame(open_browser, sign_in_page, script):
    page = sign_in_page(
        open_browser(java_script_enabled=script, viewport=PHONE, reduced_motion="reduce"), UserFactory()
    )
    expect(page.get_by_role("button", name="Freeze today")).to_be_disabled()
    page.get_by_role("button", name="Check in for today").click()
    notification = page.get_by_role("region", name="Just now")
    expect(notification).to_contain_text("Your streak has begun: this is day 1.")
    expect(page.get_by_text("You have been active today")).to_be_visible()
    if script:
        expect(notification).to_be_focused()
        assert has_no_sideways_scroll(page)
        assert_accessible(page)


def test_the_boards_show_me_among_my_neighbours(player, companions):
    maze.play(player)
    player.get_by_role("navigation", name="Main").get_by_role("link", name="Leaderboards").click()
    me = player.locator("#me")
    expect(me).to_contain_text("You")
    expect(me.get_by_role("cell").first).to_have_text("15")
    player.get_by_role("navigation", name="Leaderboards").get_by_role("link", name="This week").click()
    player.wait_for_url("**/leaderboards/xp_weekly")
    expect(player.get_by_text(re.compile(r"Counted at\s+\d\d:\d\d"))).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_of_a_new_learner(open_browser, sign_in_page, viewport):
    page = sign_in_page(open_browser(viewport=viewport, reduced_motion="reduce"), UserFactory())
    look_at_all(page)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_of_a_learner_with_history(open_browser, sign_in_page, give_xp, companions, viewport):
    learner = UserFactory(display_name="Ana Wijaya")
    page = sign_in_page(open_browser(viewport=viewport, reduced_motion="reduce"), learner)
    maze.play(page)
    give_xp(learner, -20)
    look_at_all(page)


def look_at_all(page):
    for path in PAGES:
        page.goto(path)
        for summary in page.locator("summary").all():
            summary.click()
        assert has_no_sideways_scroll(page), path
        assert_accessible(page)


def test_narrow_screens_need_no_sideways_scroll(open_browser, sign_in_page, companions):
    page = sign_in_page(open_browser(viewport={"width": 320, "height": 640}), UserFactory())
    for path in [*PAGES, "/levels"]:
        page.goto(path)
        assert has_no_sideways_scroll(page), path


def test_a_refused_profile_takes_the_reader_to_the_reason(player):
    player.goto("/profile")
    for zone in ("Asia/Jakarta", "Europe/Berlin"):
        player.get_by_label("Time zone").select_option(zone)
        player.get_by_role("button", name="Save").click()
    expect(player.get_by_role("alert")).to_be_focused()
    expect(player.get_by_text("You changed your time zone less than 24 hours ago.")).to_be_visible()
    assert_accessible(player)
