"""The docs and the admin under the strict content security policy: only a browser enforces it."""

import pytest
from playwright.sync_api import expect

from tests.factories import PASSWORD, StaffFactory, UserFactory

from .conftest import DESKTOP


@pytest.fixture
def page(open_browser):
    """A page that has nothing at all to complain about in its console."""
    page = open_browser(viewport=DESKTOP, color_scheme="light")
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    assert complaints == []


def test_docs_sign_a_person_in(page):
    learner = UserFactory()
    page.goto("/api/v1/docs")
    call = page.locator(".opblock", has_text="/api/v1/auth/login")
    call.click()
    call.get_by_role("button", name="Try it out").click()
    call.locator("textarea").fill(f'{{"username": "{learner.username}", "password": "{PASSWORD}"}}')
    call.get_by_role("button", name="Execute").click()

    call.locator(".live-responses-table").wait_for()
    assert '"token_type": "bearer"' in call.locator(".live-responses-table").inner_text()


def test_admin_works(page):
    staff = StaffFactory()
    page.goto("/admin/login/")
    page.get_by_label("Username").fill(staff.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Levels", exact=True).click()
    page.wait_for_url("**/admin/levels/level/", wait_until="networkidle")
    page.locator(".theme-toggle").first.click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")  # by Django's own script

    page.goto("/admin/levels/question/import/")
    page.locator(".select2-selection").click()
    page.locator(".select2-search__field").fill("Misinformation")
    page.locator(".select2-results__option", has_text="The Misinformation Maze").click()
    expect(page.locator(".select2-selection__rendered")).to_contain_text("The Misinformation Maze")
