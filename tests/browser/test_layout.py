"""Pages on small screens and in large type."""

import pytest
from playwright.sync_api import expect

from levels.models import Level, Question
from skillquest.accounts.models import User

from .conftest import DESKTOP

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 700}
FOR_ANYBODY = ["/", "/sign-in", "/sign-up", "/forgot-password", "/forgot-password/sent", "/new-password", "/claim"]
FOR_LEARNERS = [
    *("/dashboard", "/levels", "/levels?search=zzz&difficulty=lethal", "/paths/puk", "/paths/simulation"),
    *("/levels/level-1", "/achievements", "/leaderboards", "/history", "/profile", "/profile/password"),
    *("/profile/erase", "/practice", "/levels/level-1/play", "/nowhere"),
]
TWICE_AS_LARGE = """() => {
  document.documentElement.style.fontSize = "200%";
  for (const part of document.querySelectorAll("details")) part.open = true;
}"""
WIDTHS = "() => [document.documentElement.scrollWidth, innerWidth]"


@pytest.fixture
def one_question(catalogue):
    level = Level.objects.get(level_id="level-1")
    Question.objects.get_or_create(
        level=level, question_id="one", defaults={"kind": "true_false", "prompt": "Is it?", "answer": True}
    )


def too_wide(page, paths):
    for path in paths:
        page.goto(path)
        page.evaluate(TWICE_AS_LARGE)
        content, window = page.evaluate(WIDTHS)
        if content > window:
            yield f"{path}: {content} of {window}"


@pytest.mark.parametrize(("viewport", "locale"), [(NARROW, "id-ID"), (NARROW, "en-GB"), (DESKTOP, "id-ID")])
def test_with_letters_twice_as_large_no_page_is_wider_than_the_window(
    open_browser, player, give_xp, one_question, viewport, locale
):
    User.objects.filter(pk=player.learner.pk).update(language=locale[:2])
    player.set_viewport_size(viewport)
    assert list(too_wide(player, ["/dashboard"])) == []
    give_xp(player.learner, 120)
    assert list(too_wide(player, FOR_LEARNERS)) == []
    assert list(too_wide(open_browser(viewport=viewport, locale=locale), FOR_ANYBODY)) == []


@pytest.mark.parametrize("language", ["en", "id"])
def test_with_letters_twice_as_large_a_saved_profile_fits_a_narrow_window(player, language):
    User.objects.filter(pk=player.learner.pk).update(language=language)
    player.set_viewport_size(NARROW)
    player.goto("/profile")
    player.get_by_role("main").locator("form .button").first.click()
    expect(player.locator(".notifications")).to_be_visible()
    player.evaluate(TWICE_AS_LARGE)
    content, window = player.evaluate(WIDTHS)
    assert content <= window


def test_the_first_screen_of_a_phone_has_xp_and_the_next_step_and_readable_navigation(player, one_question):
    player.set_viewport_size(PHONE)
    player.goto("/dashboard")
    for part in (player.get_by_text("XP in all"), player.get_by_role("link", name="Play now")):
        box = part.bounding_box()
        assert box["y"] + box["height"] <= PHONE["height"]
    targets = player.locator("header a:visible, header button:visible").all()
    assert len(targets) >= 7
    for target in targets:
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 44, target.text_content()
        assert float(target.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")) >= 12
    player.get_by_role("link", name="How my XP adds up").click()
    player.wait_for_url("**/history")


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_places_of_a_phone_stand_in_one_row_and_all_can_be_reached(player, language):
    type(player.learner).objects.filter(pk=player.learner.pk).update(language=language)
    player.set_viewport_size({"width": 320, "height": 640})
    player.goto("/leaderboards")
    places = player.locator("nav.nav a")
    for size in ("100%", "200%"):
        player.evaluate("size => document.documentElement.style.fontSize = size", size)
        boxes = [place.bounding_box() for place in places.all()]
        assert len(boxes) == 5
        assert len({(box["y"], box["height"]) for box in boxes}) == 1
        assert min(min(box["width"], box["height"]) for box in boxes) >= 44
        for place in (places.first, places.last):
            place.focus()  # a browser scrolls to what gets the focus and is out of sight
            expect(place).to_be_in_viewport(ratio=0.3)


def test_a_phone_sees_levels_before_filters(player):
    player.set_viewport_size(PHONE)
    player.goto("/levels")
    assert player.locator(".level-card").first.bounding_box()["y"] < PHONE["height"] - 100
    assert not player.get_by_label("Search").is_visible()
    player.get_by_text("Narrow the list").click()
    assert player.get_by_label("Search").is_visible()
