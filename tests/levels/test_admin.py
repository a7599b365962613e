import json

import pytest

from levels.models import Level, Section
from tests.factories import LevelFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST, ADD = "/admin/levels/level/", "/admin/levels/level/add/"


@pytest.fixture
def editor_client(client, staff):
    client.force_login(staff)
    return client


def form(level=None, **fields):
    """What the browser sends for a level."""
    level = level or Level(level_id="level-9", name="Nine", category="tests")
    names = [field.name for field in Level._meta.concrete_fields if field.editable and field.name != "id"]
    sent = {name: getattr(level, name) for name in names}
    sent |= {name: json.dumps(sent[name]) for name in ("skills", "tags", "metadata")}
    sent = {name: value for name, value in sent.items() if value is not None and value is not False}
    return {**sent, **fields}


def change_url(level):
    return f"/admin/levels/level/{level.pk}/change/"


def test_the_list_is_searched_and_filtered(editor_client):
    LevelFactory(name="The Maze", number=4)
    LevelFactory(name="Other", kind="mode")
    found = editor_client.get(LIST, {"q": "maze"}).content.decode()
    assert ("The Maze" in found, "Other" in found) == (True, False)
    modes = editor_client.get(LIST, {"kind__exact": "mode"}).content.decode()
    assert ("The Maze" in modes, "Other</a>" in modes) == (False, True)


def test_a_new_level_knows_who_made_it(editor_client, staff):
    assert editor_client.get(ADD).status_code == 200
    answer = editor_client.post(ADD, form(kind="mode", repeat_policy="", metadata="", tags=""))
    assert answer.status_code == 302, answer.context["errors"]
    level = Level.objects.get()
    assert (level.level_id, level.created_by, level.repeat_policy) == ("level-9", staff, "full")
    assert (level.skills, level.tags, level.metadata) == ([], [], {})


def test_the_form_says_under_which_rules_the_reward_counts(editor_client):
    page = editor_client.get(ADD).content.decode()
    assert "Formula and Scenario do not look at it." in page


def test_a_change_keeps_the_maker_and_the_identifier(editor_client):
    maker = UserFactory()
    level = LevelFactory(level_id="level-1", created_by=maker)
    answer = editor_client.post(change_url(level), form(level, level_id="renamed", name="New name"))
    assert answer.status_code == 302, answer.context["errors"]
    level.refresh_from_db()
    assert (level.level_id, level.name, level.created_by) == ("level-1", "New name", maker)


def test_a_circle_is_explained_beside_the_field(editor_client):
    first = LevelFactory(level_id="level-1")
    second = LevelFactory(level_id="level-3", prerequisites=[first])
    answer = editor_client.post(change_url(first), form(first, prerequisites=[second.pk]))
    assert answer.context["adminform"].form.errors == {
        "prerequisites": ["Prerequisites must not go in a circle: level-1 → level-3 → level-1."]
    }
    assert not first.prerequisites.exists()
    assert editor_client.post(change_url(second), form(second, prerequisites=[first.pk])).status_code == 302


@pytest.mark.parametrize(
    ("fault", "errors"),
    [
        ({"level_id": "complete"}, {"level_id": ["“complete” is a path of the API."]}),
        ({"name": "5"}, {"name": ["Must not consist of digits only."]}),
        ({"pass_score": "2000"}, {"pass_score": ["Must not exceed the maximum score."]}),
        ({"metadata": '{"min_correct": -1}'}, {"metadata": ["“min_correct” must be an integer from 0 to 1000000."]}),
        ({"tags": '"one"'}, {"tags": ["Give a list of texts."]}),
        ({"icon": "x"}, {"icon": ["Give the name of a Bootstrap icon (bi-…) or one emoji."]}),
    ],
    ids=str,
)
def test_a_faulty_form_says_once_what_is_wrong(fault, errors, editor_client):
    answer = editor_client.post(ADD, form(**fault))
    assert answer.context["adminform"].form.errors == errors
    assert not Level.objects.exists()


def test_sections_are_edited_with_their_units(editor_client):
    section = Section.objects.create(section_id="puk", title="Knowledge", order=1)
    section.units.create(unit_id="puk_u1", title="History", order=1)
    page = editor_client.get(f"/admin/levels/section/{section.pk}/change/")
    assert (page.status_code, b"puk_u1" in page.content) == (200, True)
    assert b"Knowledge" in editor_client.get("/admin/levels/section/").content
    assert b"History" in editor_client.get("/admin/levels/unit/").content


def test_staff_without_the_permission_see_no_levels(client):
    client.force_login(UserFactory(is_staff=True))
    assert client.get(LIST).status_code == 403
