"""A learner's first visit, in a real browser: sign up, play level-1, see the XP and the line that explains it."""

import pytest
from playwright.sync_api import expect

from gamification.models import LedgerEntry
from tests.factories import StaffFactory
from tracking.models import Completion, LearningSession

from . import playing
from .conftest import DESKTOP, PHONE
from .test_accessibility import assert_accessible


def has_no_sideways_scroll(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_sign_up_play_and_see_the_xp_explained(open_browser, viewport):
    page = open_browser(viewport=viewport, timezone_id="Asia/Jakarta")
    page.goto("/")
    assert has_no_sideways_scroll(page)
    page.get_by_role("main").get_by_role("link", name="Begin your quest").click()
    page.wait_for_load_state("networkidle")  # the script fills in the time zone
    page.get_by_label("Name").fill("ana")
    page.get_by_label("E-mail").fill("ana@example.test")
    page.get_by_label("Password", exact=True).fill("a quiet walk uphill")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()

    expect(page.get_by_role("heading", name="Welcome, ana")).to_be_visible()
    assert has_no_sideways_scroll(page)
    page.get_by_role("link", name="Play now").click()
    playing.begin(page)
    assert has_no_sideways_scroll(page)
    page.get_by_role("button", name="Give me a hint").click()
    page.locator("[data-stage] [data-hint]").wait_for()
    playing.answer_all(page, right=8)
    playing.see_result(page)

    expect(page.get_by_text("8 of 10 right")).to_be_visible()
    expect(page.get_by_text("+180 XP")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("link", name="Play Shadow in the Inbox")).to_be_in_viewport(ratio=1)
    page.get_by_text("Why this much").click()
    expect(page.locator(".sum")).to_have_text(
        "for your score+80for the achievement “First Scenario”+50for the achievement “First Steps”+50"
    )
    assert has_no_sideways_scroll(page)
    page.get_by_role("link", name="To my dashboard").click()

    expect(page.get_by_text("180 XP in all")).to_be_visible()
    line = page.get_by_role("listitem").filter(has_text="The Misinformation Maze").last
    line.locator("summary").click()
    expect(line).to_contain_text("for your score")
    assert has_no_sideways_scroll(page)

    (completion,) = Completion.objects.all()
    assert completion.learner.profile.time_zone == "Asia/Jakarta"
    assert (completion.score, completion.trust, completion.metadata["hints_used"]) == (800, "verified", 1)
    entry = LedgerEntry.objects.get(reason="session_completion")
    assert (entry.delta, entry.reference_id) == (80, str(completion.pk))


def test_the_places_of_staff_fit_at_every_width(open_browser, sign_in_page):
    page = sign_in_page(open_browser(viewport=DESKTOP), StaffFactory())
    for width in (360, 768, 993, 1024, 1053, 1087, 1089, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert has_no_sideways_scroll(page), width


def test_the_skip_link_is_the_first_stop(player):
    player.goto("/dashboard")
    player.keyboard.press("Tab")
    expect(player.get_by_role("link", name="Skip to the content")).to_be_focused()
    player.keyboard.press("Enter")
    expect(player.get_by_role("main")).to_be_focused()


def test_without_javascript_everything_works(open_browser, sign_in_page, learner):
    page = sign_in_page(open_browser(java_script_enabled=False), learner)
    page.get_by_role("link", name="Play now").click()
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="Levels").click()
    page.get_by_text("Narrow the list").click()
    page.get_by_label("Search").fill("inbox")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=3)).to_have_text("Shadow in the Inbox")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert not LearningSession.objects.exists()


def test_the_password_can_be_shown(open_browser):
    page = open_browser()
    page.goto("/sign-in")
    page.get_by_label("Password", exact=True).fill("secret")
    page.get_by_role("button", name="Show the password").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")


def test_a_refused_form_takes_the_reader_to_the_reason(open_browser):
    page = open_browser()
    page.goto("/sign-in")
    page.get_by_label("Name or e-mail").fill("nobody")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("No account has this name and password.")


def test_a_result_that_is_too_fast_says_that_staff_look_at_it(player):
    player.goto("/levels/level-1/play")
    player.get_by_role("button", name="Begin").click()
    for number in range(1, 11):
        expect(player.get_by_role("heading", name=f"Question {number} of 10")).to_be_visible()
        playing.answer_and_see(player)
        player.keyboard.press("Enter")
    player.wait_for_url("**/plays/*")
    expect(player.get_by_text("This result took less time than anybody needs.")).to_be_visible()
    expect(player.get_by_text("No new XP this time")).to_be_hidden()
    assert_accessible(player)
