"""Staff look at one learner and repair a day, in a real Chromium: on a phone and a desktop, by day and by night."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from gamification.awards import check_in
from gamification.models import DayRepair
from tests.factories import StaffFactory, UserFactory
from tests.learner_page.histories import learner_with

from .conftest import DESKTOP, PHONE
from .test_accessibility import STANDARD, assert_accessible
from .test_staff_tools import is_wider_than_the_screen, page_of_staff

LIST = "/admin/gamification/learnerprofile/"
SOME_SCROLL = "tables => tables.some(table => table.scrollWidth > table.clientWidth)"
TABS = ["Overview", "XP", "Results", "Progress", "Account", "History"]


@pytest.fixture
def ana(transactional_db):
    """With rows of everything, and a day that was missed a week ago."""
    ana = learner_with(2, StaffFactory(), username="ana", display_name="Ana of the very long name without an end")
    for ago in (9, 8, 6):
        check_in(ana.pk, at=timezone.now() - timedelta(days=ago))
    return ana


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_learner_is_found_and_looked_at_and_a_day_is_repaired(open_browser, live_server, ana, viewport):
    UserFactory(username="budi")
    page = page_of_staff(open_browser, live_server, viewport=viewport, reduced_motion="reduce")
    page.goto(LIST)
    page.get_by_role("main").get_by_role("searchbox").or_(page.locator("#searchbar")).first.fill("ana of")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="ana", exact=True).click()
    for title in TABS:
        page.get_by_role("navigation", name="Parts of the page").get_by_role("link", name=title, exact=True).click()
        expect(page.get_by_role("heading", name=title, exact=True, level=2)).to_be_attached()
        assert not is_wider_than_the_screen(page), title
        if viewport == PHONE:
            assert not page.locator(".wide-table").evaluate_all(SOME_SCROLL), title
            assert_accessible(page, runOnly=STANDARD)
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="Repair this day…").last.click()
    expect(page.get_by_text("Current streak:")).to_be_visible()
    if viewport == PHONE:
        # axe would load the style sheets that those of the form import, which the page forbids.
        assert_accessible(page, runOnly=STANDARD, preload=False)
    page.get_by_label("Reason").fill("Our outage")
    page.get_by_label("Note").fill("Ticket 7.")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("cell", name="Repaired by staff: Our outage").first).to_be_visible()
    assert DayRepair.objects.filter(reason="Our outage").count() == 1


def test_a_learner_without_any_history(open_browser, live_server, transactional_db):
    nobody = UserFactory(username="nobody")
    page = page_of_staff(open_browser, live_server, viewport=PHONE, reduced_motion="reduce")
    page.goto(f"{LIST}{nobody.pk}/change/")
    expect(page.get_by_text("No activity in these weeks.")).to_be_visible()
    assert not is_wider_than_the_screen(page)
    assert_accessible(page, runOnly=STANDARD)
