"""The pages of analytics in a real Chromium: they fit a phone and a desktop, light and dark, and axe finds nothing."""

import random
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from analytics.rolling.jobs import start_rolling_up
from tests.analytics.world import learn, make_catalogue

from .conftest import DESKTOP, PHONE
from .test_staff_tools import is_wider_than_the_screen, page_of_staff

TABS = ["Activity", "Levels and questions", "XP and achievements"]


@pytest.fixture
def figures(transactional_db):
    make_catalogue()
    chance, now = random.Random(3), timezone.now()
    for _ in range(30):
        learn(chance, joined=now - timedelta(days=chance.randrange(3, 80)), until=now)
    start_rolling_up(at=now)
    call_command("run_jobs", once=True)


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")], ids=["a dark phone", "a light desktop"]
)
def test_every_page_fits_and_has_no_violation(open_browser, live_server, figures, viewport, scheme):
    page = page_of_staff(open_browser, live_server, viewport=viewport, color_scheme=scheme)
    page.goto("/admin/analytics/analytics/?weeks=4")
    for tab in TABS:
        page.get_by_role("navigation", name="Analytics").get_by_role("link", name=tab).click()
        expect(page.get_by_role("heading", level=1, name=tab)).to_be_visible()
        page.get_by_text("Table: ").first.click()
        expect(page.get_by_role("table").first).to_be_visible()
        assert not is_wider_than_the_screen(page)
        assert Axe().run(page).response["violations"] == []
