"""Importing and exporting in the admin, as a content editor does it on a desktop and looks at it on a phone."""

import pytest
from django.contrib.auth.models import Group

from levels.models import Level
from tests.exchange.importing import as_csv
from tests.factories import UserFactory

from .conftest import DESKTOP, PHONE
from .test_accessibility import STANDARD, assert_accessible


@pytest.fixture
def editor(open_browser, sign_in_page):
    person = UserFactory(is_staff=True)
    person.groups.add(Group.objects.get(name="Content editor"))
    return sign_in_page(open_browser(viewport=DESKTOP, reduced_motion="reduce"), person)


def upload(page, rows):
    page.goto("/admin/levels/level/import/")
    page.get_by_label("File").set_input_files({"name": "levels.csv", "mimeType": "text/csv", "buffer": as_csv(rows)})
    page.get_by_role("button", name="Show what changes").click()
    page.get_by_role("heading", name="Import of levels.csv").wait_for()


def look(page):
    """In both colours, on a desktop and a phone, where nothing is wider than the screen."""
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
        assert_accessible(page, runOnly=STANDARD, preload=False)
    page.set_viewport_size(DESKTOP)


def test_an_editor_exports_levels_changes_them_and_imports_them(editor):
    editor.goto("/admin/levels/level/?kind__exact=mode")
    editor.get_by_text("Export", exact=True).click()
    look(editor)
    with editor.expect_download() as download:
        editor.get_by_role("link", name="CSV").first.click()
    assert download.value.suggested_filename.endswith(".csv")
    name = Level.objects.get(level_id="level-1").name
    row = {"level_id": "level-1", "name": "Another name"}
    upload(editor, [row, {"level_id": "wrong one", "name": "x" * 300}])
    look(editor)
    assert editor.get_by_role("button", name="Import the other 1 row").is_visible()
    editor.get_by_role("button", name="Discard").click()
    upload(editor, [row])
    assert editor.locator("del").inner_text() == name
    editor.get_by_role("button", name="Import 1 row").click()
    editor.get_by_text("Imported: 1 changed.").wait_for()
    look(editor)
    assert Level.objects.get(level_id="level-1").name == "Another name"


def test_the_pages_of_uploads_are_accessible(editor):
    for path in ("levels/level/import/", "gamification/badge/import/"):
        editor.goto(f"/admin/{path}")
        look(editor)
