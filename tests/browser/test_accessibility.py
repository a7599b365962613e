"""axe finds nothing on any page, by day and by night, on a phone."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from gamification.awards.adjustments import reverse
from levels.models import Level
from skillquest.accounts.resets import token_for
from skillquest.machines.claims import make_claim_link
from tests.factories import StaffFactory, UserFactory
from tests.machines.keys import make_key, make_pupil

from . import playing
from .conftest import PHONE

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def assert_accessible(page, **options):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        results = Axe().run(page, options=options)
        found = [
            f"{page.url} {scheme}: {violation['id']} at {node['target']}: {node['failureSummary']}"
            for violation in results.response["violations"]
            for node in violation["nodes"]
        ]
        assert found == []


@pytest.fixture
def visitor(open_browser):
    return open_browser(viewport=PHONE, reduced_motion="reduce")


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/sign-up", "/sign-in", "/forgot-password", "/forgot-password/sent"),
        *("/new-password", "/new-password/done", "/claim", "/erased", "/nowhere"),
    ],
)
def test_pages_for_anonymous_visitors(visitor, path):
    visitor.goto(path)
    assert_accessible(visitor)


def test_the_page_for_a_new_password(visitor):
    visitor.goto(f"/new-password/{token_for(UserFactory())}")
    assert_accessible(visitor)


def test_the_page_that_claims_an_account(visitor):
    key, _ = make_key()
    make_pupil("pupil-1", password=None, display_name="Ana")
    link = make_claim_link(external_id="pupil-1", key=key, at=timezone.now())
    visitor.goto(urlsplit(link.url).path)
    visitor.get_by_role("button", name="Save it").click()
    visitor.get_by_text("This field is required.").first.wait_for()
    assert_accessible(visitor)


def test_a_refused_form(visitor):
    visitor.goto("/sign-up")
    visitor.get_by_role("main").get_by_role("button", name="Sign up").click()
    assert_accessible(visitor)


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard",
        "/levels",
        "/levels?search=zzz&difficulty=lethal",
        "/paths/puk",
        "/levels/level-2",
        "/levels/puk_u1_l2",
        "/levels/level-1/play",
        "/profile",
        "/profile/password",
        "/profile/erase",
    ],
)
def test_pages_for_a_new_learner(player, path):
    player.goto(path)
    assert_accessible(player)


def test_pages_of_a_learner_with_history(player, give_xp):
    give_xp(player.learner, 120)
    gift = player.learner.ledger.get(reason="manual_adjustment")
    reverse(gift, actor=StaffFactory(), note="Typed twice", at=timezone.now())
    playing.has_played(player.learner)
    player.goto("/dashboard")
    for line in player.locator("summary").all():
        line.click()
    assert_accessible(player)
    for path in ("/levels/level-1", "/paths/simulation", "/achievements", "/levels"):
        player.goto(path)
        for part in player.locator("details.tool summary").all():
            part.click()
        assert_accessible(player)


def test_the_admin_in_our_colours(visitor, sign_in_page):
    """Beyond the standard, axe has advice; how the admin is built is Django's affair."""
    visitor.goto("/admin/")
    assert_accessible(visitor, runOnly=STANDARD)
    level = Level.objects.first()
    page = sign_in_page(visitor, StaffFactory())
    for path in ("search/?q=level", "search/", "levels/level/?q=level", f"levels/level/{level.pk}/change/", ""):
        page.goto(f"/admin/{path}")
        # Without `preload`: axe would write the style sheets of forms into the page, which the policy forbids.
        assert_accessible(page, runOnly=STANDARD, preload=False)
    page.get_by_text("Menu").click()
    assert_accessible(page, runOnly=STANDARD)


def test_the_history_of_a_level_fits_on_a_phone(visitor, sign_in_page):
    level = Level.objects.first()
    level.name, level.published = "A-name-without-any-space-" * 4, not level.published
    level.metadata = {"min_seconds": 90, "a_rather_long_name_of_a_value": "x" * 120}
    level.save()
    page = sign_in_page(visitor, StaffFactory())
    page.goto(f"/admin/levels/level/{level.pk}/history/")
    page.get_by_role("heading", name="What changed").wait_for()
    assert_accessible(visitor, runOnly=STANDARD)
    assert page.locator("#changes").evaluate("section => section.scrollWidth <= innerWidth")
