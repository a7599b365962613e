"""What a learner sees of a reward: the celebration, the check-in, the boards; each page is checked by axe."""

import re

import pytest
from playwright.sync_api import expect

from gamification.models import LedgerEntry
from levels.models import Level
from tests.factories import UserFactory

from . import playing
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


@pytest.fixture
def short_maze(catalogue):
    """level-1 with one question."""
    level = Level.objects.get(level_id="level-1")
    level.questions.exclude(kind="true_false").update(published=False)
    Level.objects.filter(pk=level.pk).update(questions_per_play=1)


def test_the_first_level_brings_first_steps_and_says_so(player, short_maze):
    playing.play(player)
    unlocked = player.get_by_role("list", name="Unlocked just now")
    expect(unlocked.get_by_role("listitem")).to_contain_text(["First Scenario", "First Steps", "First Badge"])
    player.get_by_text("Why this much").click()
    sums = player.locator(".sum")
    expect(sums).to_contain_text("for the achievement “First Steps”")
    total = sum(int(value.replace("\u2212", "-")) for value in sums.locator("span.numbers").all_text_contents())
    expect(player.locator(".prize")).to_have_text(f"+{total} XP")
    expect(player.get_by_text("Your streak has begun: this is day 1.")).to_be_visible()
    expect(player.get_by_role("heading", name="Rank up!")).to_be_visible()
    assert_accessible(player)

    player.goto("/achievements")
    card = player.locator("#first_steps")
    expect(card).to_contain_text(re.compile(r"Unlocked\s+\d+ \w+ \d{4}"))


def test_playing_again_the_same_day_celebrates_nothing(player, short_maze):
    playing.play(player)
    playing.begin(player)
    playing.answer_all(player)
    playing.see_result(player)
    expect(player.get_by_text("No new XP this time")).to_be_visible()
    expect(player.get_by_role("list", name="Unlocked just now")).to_be_hidden()
    expect(player.get_by_text("Your streak stands at day 1.")).to_be_visible()
    assert LedgerEntry.objects.get(reason="session_completion").delta == 100


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_check_in_lights_the_flame(open_browser, sign_in_page, script):
    page = sign_in_page(
        open_browser(java_script_enabled=script, viewport=PHONE, reduced_motion="reduce"), UserFactory()
    )
    page.get_by_role("button", name="Only check in").click()
    notification = page.get_by_role("region", name="Just now")
    expect(notification).to_contain_text("Your streak has begun: this is day 1.")
    expect(page.get_by_text("You have been active today")).to_be_visible()
    if script:
        expect(notification).to_be_focused()
        assert has_no_sideways_scroll(page)
        assert_accessible(page)


def test_the_boards_show_me_among_my_neighbours(player, companions):
    playing.has_played(player.learner)
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
    playing.has_played(learner)
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
