"""Staff decide about held results and take back many results, in a real Chromium."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from gamification.models import LearnerProfile
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tracking.models import Completion
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

from .conftest import DESKTOP, PHONE


@pytest.fixture
def held_results(transactional_db):
    """Three learners with two results each that wait, and one that counts."""
    LevelFactory(level_id="slow", name="The Slow Cave", repeat_policy="full", metadata={"min_seconds": 60})
    learners = [UserFactory(username=name) for name in ("anansi", "baba-yaga", "coyote-of-the-long-name")]
    for learner in learners:
        for hours, seconds in ((30, 1), (3, 2), (1, 100)):
            at = timezone.now() - timedelta(hours=hours)
            complete_level(learner=learner, claim=Claim("slow", 850, seconds), source="api", at=at)
    return learners


def page_of_staff(open_browser, live_server, **options):
    client = Client()
    client.force_login(StaffFactory(username="steward"))
    page = open_browser(**options)
    cookies = [{"name": name, "value": cookie.value, "url": live_server.url} for name, cookie in client.cookies.items()]
    page.context.add_cookies(cookies)
    return page


def is_wider_than_the_screen(page):
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_held_results_are_released_and_xp_is_taken_back(open_browser, live_server, held_results, viewport):
    page = page_of_staff(open_browser, live_server, viewport=viewport)
    page.goto("/admin/tracking/completion/")
    page.get_by_role("link", name="Held results by learner").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    assert not is_wider_than_the_screen(page)
    page.get_by_label("Choose all on this page").check()
    assert page.get_by_role("checkbox", checked=True).count() == 4
    page.get_by_role("link", name="anansi").click()
    expect(page.get_by_role("heading", name="2 results wait")).to_be_visible()
    assert not is_wider_than_the_screen(page)
    page.get_by_role("button", name="Release all…").click()
    page.get_by_label("Note").fill("Seen in class.")
    page.get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_text("0 of 2")).to_be_visible()
    call_command("run_jobs", once=True)
    # The page refreshes itself.
    expect(page.get_by_text("2 results released.")).to_be_visible()
    assert Completion.objects.filter(held=False).count() == 5

    page.goto("/admin/gamification/learnerprofile/")
    page.get_by_role("main").get_by_role("link", name="Unusual activity").click()
    assert not is_wider_than_the_screen(page)
    page.get_by_role("link", name="Reverse since").first.click()
    page.get_by_label("Trust").select_option("reported")
    page.get_by_label("Reason").fill("Not your results")
    page.get_by_label("Note").fill("Invented by a script.")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.get_by_text("To be reversed:")).to_be_visible()
    assert not is_wider_than_the_screen(page)
    page.get_by_role("button", name="Reverse these entries").click()
    expect(page.get_by_role("heading", name=re.compile(r"^Reverse \d"))).to_be_visible()
    call_command("run_jobs", once=True)
    expect(page.get_by_text("reversed:")).to_be_visible()
    assert LearnerProfile.objects.filter(user__in=held_results, total_xp=0).count() == 1


def test_staff_find_their_way_on_a_phone_without_scripts(open_browser, live_server, held_results):
    page = page_of_staff(open_browser, live_server, viewport=PHONE, java_script_enabled=False)
    page.goto("/admin/")
    levels = page.get_by_role("navigation", name="Menu").get_by_role("link", name="Levels", exact=True)
    expect(levels).to_have_count(0)
    page.get_by_text("Menu").click()
    levels.click()
    expect(page.get_by_role("heading", name="Levels")).to_be_visible()
    page.get_by_role("searchbox", name="Search learners, levels, results").fill("Baba")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name="baba-yaga").click()
    expect(page.get_by_role("heading", name="baba-yaga").first).to_be_visible()


def test_the_home_page_leads_to_what_waits(open_browser, live_server, held_results):
    page = page_of_staff(open_browser, live_server, viewport=DESKTOP)
    page.goto("/admin/")
    assert not is_wider_than_the_screen(page)
    page.get_by_role("link", name="6 held results wait for a decision.").click()
    expect(page.get_by_role("heading", name="Held results")).to_be_visible()
    current = page.get_by_role("navigation", name="Pages").get_by_role("link", name="Held results")
    expect(current).to_have_attribute("aria-current", "page")
