"""A real Chromium against a real server, as a learner meets them."""

import os
import shutil
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from tests.factories import PASSWORD, StaffFactory, UserFactory, adjust
from tests.shipped_catalogue import load_catalogue

from .fake_server import BOARD, HURRY, FakeServer
from .tracker_tab import ANA

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
PATIENCE = 10_000  # milliseconds; the machine may be busy

# Playwright's synchronous API runs an event loop in this thread, which Django takes for an asynchronous view.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM:
        pytest.skip("NO CHROMIUM, SO NO PAGE WAS TRIED IN A BROWSER. apt-get install chromium fonts-dejavu-core")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def catalogue(transactional_db):
    load_catalogue()


@pytest.fixture
def open_browser(chromium, live_server, catalogue):
    """`open_browser(viewport=PHONE)` -> a page in a fresh browser. Errors in its console fail the test."""
    contexts, complaints = [], []

    def open_browser(**options):
        context = chromium.new_context(**{"base_url": live_server.url, **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None
        )
        return page

    yield open_browser
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in_page():
    def sign_in_page(page, user):
        page.goto("/sign-in")
        page.get_by_label("Name or e-mail").fill(user.username)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/dashboard")
        return page

    return sign_in_page


@pytest.fixture
def player(open_browser, sign_in_page):
    """A page in which a new learner is signed in; `player.learner` is that person."""
    page = sign_in_page(open_browser(viewport=DESKTOP, reduced_motion="reduce"), learner := UserFactory())
    page.learner = learner
    return page


@pytest.fixture
def give_xp(transactional_db):
    def give_xp(learner, amount):
        adjust(learner_id=learner.pk, amount=amount, reason="A gift", actor=StaffFactory(), at=timezone.now())

    return give_xp


@pytest.fixture
def context(chromium, live_server):
    context = chromium.new_context(base_url=live_server.url)
    context.add_init_script(HURRY)
    yield context
    context.close()


@pytest.fixture
def server(context):
    return FakeServer(context)


@pytest.fixture
def open_tab(context):
    """`open_tab(person)` -> a page on which scripts find a tracker of that person."""

    def open_tab(person=ANA, **options):
        page = context.new_page()
        page.goto("/sign-in")
        page.evaluate(BOARD, {"person": person, **options})
        return page

    return open_tab
