"""How a learner plays The Misinformation Maze."""

import json
from datetime import timedelta

from django.db.models import F
from playwright.sync_api import expect

from tracking.models import LearningSession


def truths(page):
    """{headline: is it trustworthy}, as the page was given them."""
    return {row["headline"]: row["trustworthy"] for row in json.loads(page.locator("#headlines").text_content())}


def enter(page):
    page.goto("/levels/level-1/play")
    begin(page, "Enter the maze")


def begin(page, button):
    begin_offline(page, button)
    let_a_minute_pass()


def begin_offline(page, button="Enter the maze"):
    """The browser's own clock runs."""
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("Headline 1 of 10")).to_be_visible()


def let_a_minute_pass():
    """A test plays faster than any person; what takes no second earns no bonus."""
    LearningSession.objects.open().update(start_time=F("start_time") - timedelta(minutes=1))


def judge(page, *, rightly=True):
    truth = truths(page)[page.locator("[data-part=headline]").text_content()]
    page.get_by_role("button", name="Trustworthy" if truth == rightly else "Fake").click()


def answer_all(page, *, right=10):
    """Stands before “See my result” afterwards."""
    for number in range(1, 11):
        judge(page, rightly=number <= right)
        if number < 10:
            page.get_by_role("button", name="Next headline").click()
            expect(page.get_by_text(f"Headline {number + 1} of 10")).to_be_visible()


def play(page, *, right=10):
    enter(page)
    answer_all(page, right=right)
    page.get_by_role("button", name="See my result").click()
    expect(page.get_by_role("heading", name="Out of the maze!")).to_be_visible()
