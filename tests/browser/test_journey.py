"""A learner's first visit, in a real browser: sign up, play level-1, see the XP and the line that explains it."""

import pytest
from playwright.sync_api import expect

from gamification.models import LedgerEntry
from tests.factories import StaffFactory
from tracking.models import Completion, LearningSession

from . import misinformation_maze as maze
from .conftest import DESKTOP, PHONE


def has_no_sideways_scroll(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_sign_up_play_and_see_the_xp_explained(open_browser, viewport):
    page = open_browser(viewport=viewport, timezone_id="Asia/Jakarta")
    page.goto("/")
    assert has_no_sideways_scroll(page)
    page.get_by_role("main").get_by_role("link", name="Begin your quest").click()
    page.get_by_label("Name").fill("ana")
    page.get_by_label("E-mail").fill("ana@example.test")
    page.get_by_label("Password", exact=True).fill("a quiet walk uphill")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()

    expect(page.get_by_role("heading", name="Welcome, ana")).to_be_visible()
    assert has_no_sideways_scroll(page)
    page.get_by_role("link", name="Play now").click()
    maze.begin(page, "Enter the maze")
    assert has_no_sideways_scroll(page)
    page.get_by_role("button", name="Give me a hint").click()
    maze.answer_all(page, right=8)
    page.get_by_role("button", name="See my result").click()

    expect(page.get_by_text("800 of 1000 points")).to_be_visible()
    expect(page.get_by_text("+119 XP")).to_be_visible()
    expect(page.get_by_role("list", name="Why this much")).to_have_text(
        "for finishing+10for your score+8for the difficulty\u22124for a quick finish+5"
        "for the achievement “First Scenario”+50for the achievement “First Steps”+50"
    )
    assert has_no_sideways_scroll(page)
    page.get_by_role("link", name="See it in my journal").click()

    page.wait_for_url("**/dashboard#newest")
    expect(page.get_by_text("119 XP in all")).to_be_visible()
    expect(page.get_by_text("96 XP to level 3")).to_be_visible()
    expect(page.locator("#newest")).to_contain_text("First Steps")
    line = page.get_by_role("listitem").filter(has_text="The Misinformation Maze").last
    line.locator("summary").click()
    expect(line).to_contain_text("You scored 800 of 1000")
    expect(line).to_contain_text("for a quick finish")
    assert has_no_sideways_scroll(page)

    (completion,) = Completion.objects.all()
    assert completion.learner.profile.time_zone == "Asia/Jakarta"
    assert (completion.score, completion.metadata) == (800, {"hints_used": 1, "mistakes": 2})
    entry = LedgerEntry.objects.get(reason="session_completion")
    assert (entry.delta, entry.balance_after, entry.reference_id) == (19, 19, str(completion.pk))


def test_the_places_of_staff_fit_at_every_width(open_browser, sign_in_page):
    page = sign_in_page(open_browser(viewport=DESKTOP), StaffFactory())
    for width in (360, 768, 993, 1024, 1053, 1087, 1089, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert has_no_sideways_scroll(page), width


def test_the_game_can_be_played_by_keyboard_alone(player):
    player.goto("/levels/level-1/play")
    player.get_by_role("button", name="Enter the maze").focus()
    player.keyboard.press("Enter")
    expect(player.get_by_text("Headline 1 of 10")).to_be_focused()
    maze.let_a_minute_pass()
    truths = maze.truths(player)
    for number in range(1, 11):
        expect(player.get_by_text(f"Headline {number} of 10")).to_be_focused()
        truth = truths[player.locator("[data-part=headline]").text_content()]
        player.keyboard.press("ArrowRight" if truth else "ArrowLeft")
        expect(player.get_by_role("status")).to_contain_text("Right!")
        player.keyboard.press("Enter")
    expect(player.get_by_role("heading", name="Out of the maze!")).to_be_focused()
    expect(player.get_by_text("1000 of 1000 points")).to_be_visible()
    expect(player.get_by_text("+126 XP")).to_be_visible()


def test_the_skip_link_is_the_first_stop(player):
    player.goto("/dashboard")
    player.keyboard.press("Tab")
    expect(player.get_by_role("link", name="Skip to the content")).to_be_focused()
    player.keyboard.press("Enter")
    expect(player.get_by_role("main")).to_be_focused()


def test_playing_as_well_as_before_pays_nothing_and_says_so(player):
    maze.play(player)
    maze.begin(player, "Play again")
    maze.answer_all(player)
    player.get_by_role("button", name="See my result").click()
    expect(player.get_by_text("No new XP this time")).to_be_visible()
    assert LedgerEntry.objects.get(reason="session_completion").delta == 26


def test_a_new_player_level_is_celebrated(player, give_xp):
    give_xp(player.learner, 90)
    maze.play(player)
    expect(player.get_by_role("heading", name="Level up!")).to_be_visible()
    expect(player.locator("[data-part=new-rank]")).to_have_text("You are level 3 now: Novice.")
    assert player.locator(".confetti").count() == 0, "this learner prefers reduced motion"


def test_confetti_falls_for_those_who_like_motion(open_browser, sign_in_page, learner):
    page = sign_in_page(open_browser(), learner)
    maze.enter(page)
    maze.answer_all(page)
    page.get_by_role("button", name="See my result").click()
    page.wait_for_selector(".confetti", state="attached")
    page.wait_for_selector(".confetti", state="detached")


def test_a_double_click_on_finish_pays_once(player):
    maze.enter(player)
    maze.answer_all(player)
    player.get_by_role("button", name="See my result").dblclick()
    expect(player.get_by_text("+126 XP")).to_be_visible()
    assert Completion.objects.count() == LedgerEntry.objects.filter(reason="session_completion").count() == 1


def test_a_broken_line_loses_no_xp(player):
    """The server is reached, but its answer is lost twice."""
    maze.enter(player)
    maze.answer_all(player)
    sent = []

    def lose_the_answer(route):
        sent.append(route.request.headers["idempotency-key"])
        if len(sent) < 3:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    player.route("**/api/v1/sessions/end", lose_the_answer)
    player.get_by_role("button", name="See my result").click()
    expect(player.get_by_text("+126 XP")).to_be_visible()
    assert len(sent) == 3
    assert len(set(sent)) == 1
    assert LedgerEntry.objects.get(reason="session_completion").delta == 26


def test_who_was_signed_out_meanwhile_signs_in_and_the_result_arrives(player, sign_in_page):
    player.context.clock.install()
    maze.enter(player)
    maze.answer_all(player)
    player.context.clock.fast_forward("01:00")  # the browser says how long it took, as it sends the result later
    player.context.clear_cookies(name="sessionid")
    player.get_by_role("button", name="See my result").click()
    expect(player.locator("[data-part=waiting]")).to_contain_text("You have been signed out. Saved on this device")
    with player.expect_popup() as popup:
        player.get_by_role("link", name="Sign in (new tab)").click()
    sign_in_page(popup.value, player.learner)
    player.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # a tab that nobody sees has none
    expect(player.get_by_text("+126 XP")).to_be_visible()


def test_a_round_that_was_started_anew_elsewhere_says_so(player):
    maze.enter(player)
    maze.answer_all(player)
    LearningSession.objects.open().get().abandon()
    player.get_by_role("button", name="See my result").click()
    expect(player.get_by_role("alert")).to_contain_text("This round has ended")


def test_without_javascript_everything_but_the_game_works(open_browser, sign_in_page, learner):
    page = sign_in_page(open_browser(java_script_enabled=False), learner)
    page.get_by_role("link", name="Play now").click()
    expect(page.get_by_text("This level needs JavaScript to run.")).to_be_visible()
    expect(page.get_by_role("button", name="Enter the maze")).to_be_hidden()
    page.get_by_role("navigation").get_by_role("link", name="Levels").click()
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
    maze.begin_offline(player)  # without the minute that other tests let pass
    maze.answer_all(player)
    player.get_by_role("button", name="See my result").click()
    expect(player.locator("[data-part=waiting]")).to_contain_text("This result took less time than anybody needs.")
    expect(player.get_by_text("No new XP this time")).to_be_hidden()
