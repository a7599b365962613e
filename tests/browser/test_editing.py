"""A content editor puts a condition together, changes many levels and looks at a level as learners see it."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import expect

from gamification.models import Achievement
from levels.models import Level
from skillquest.accounts.groups import ensure_groups
from tests.factories import LevelFactory, UserFactory

from .conftest import DESKTOP, PHONE
from .test_accessibility import STANDARD, assert_accessible
from .test_staff_tools import is_wider_than_the_screen

ADD = "/admin/gamification/achievement/add/"


@pytest.fixture
def editor_page(open_browser, live_server):
    def editor_page(**options):
        ensure_groups(using="default")
        person = UserFactory(username="editor", is_staff=True, profile__counters={"words_learned": 30})
        person.groups.add(Group.objects.get(name="Content editor"))
        client = Client()
        client.force_login(person)
        page = open_browser(reduced_motion="reduce", **options)
        page.context.add_cookies(
            [{"name": name, "value": one.value, "url": live_server.url} for name, one in client.cookies.items()]
        )
        return page

    return editor_page


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_condition_is_put_together_line_by_line(editor_page, viewport):
    page = editor_page(viewport=viewport)
    page.goto(ADD)
    page.locator("#id_name").press_sequentially("Reader of words")
    assert page.locator("#id_achievement_id").input_value() == "reader-of-words"
    page.locator("#id_category").fill("words")
    page.get_by_label("Line 1: what is counted").select_option("metric:words_learned")
    page.get_by_label("Line 1: how much").fill("20")
    page.get_by_role("button", name="Add a line").click()
    page.get_by_label("Line 3: what is counted").select_option("consecutive_days")
    page.get_by_label("Line 3: how much").fill("7")
    assert page.locator("[name=condition_joined]").input_value() == "all"
    page.locator("[name=condition_joined]").select_option("any")
    page.get_by_role("button", name="Show what it asks for").click()
    expect(
        page.get_by_text("Any of: total of words learned reaches 20; longest streak reaches 7 days.")
    ).to_be_visible()
    expect(page.get_by_text("1 learner meets it now.")).to_be_visible()
    assert not is_wider_than_the_screen(page)
    # axe would load style sheets that those of the admin import, which the page forbids.
    assert_accessible(page, runOnly=STANDARD, preload=False)
    page.get_by_label("Line 3: how much").fill("many")
    page.get_by_role("button", name="Show what it asks for").click()
    expect(page.get_by_text("Line 3: Give a whole number")).to_be_visible()
    page.get_by_role("button", name="Remove this line").nth(2).click()
    page.locator("[name=condition_joined]").select_option("one")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert Achievement.objects.get(achievement_id="reader-of-words").condition == {
        "type": "metric",
        "name": "words_learned",
        "threshold": 20,
    }


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_levels_are_changed_together_copied_and_looked_at(editor_page, viewport):
    page = editor_page(viewport=viewport)
    LevelFactory(name="A draft", number=1_000_001, published=False)
    page.goto("/admin/levels/level/?published__exact=0")
    page.get_by_label("Select all objects on this page for an action").check()
    page.get_by_label("Action:").select_option("publish")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.get_by_text("1 row changes.")).to_be_visible()
    assert not is_wider_than_the_screen(page)
    assert_accessible(page, runOnly=STANDARD, preload=False)
    page.get_by_role("button", name="Change them").click()
    expect(page.get_by_text("1 changed.")).to_be_visible()

    level = Level.objects.get(level_id="level-1")
    page.goto(f"/admin/levels/level/{level.pk}/change/")
    assert not is_wider_than_the_screen(page)
    page.get_by_role("button", name="Duplicate").click()
    expect(page.get_by_text("It is not published.")).to_be_visible()
    copy = Level.objects.get(level_id="level-1-copy")
    assert copy.questions.count() == level.questions.count() > 0
    page.get_by_role("link", name="As a learner sees it").click()
    expect(page.get_by_text("nothing is recorded")).to_be_visible()
    page.get_by_role("link", name="Play now").click()
    page.get_by_role("link", name="Begin").click()
    assert_accessible(page, runOnly=STANDARD, preload=False)
