import html
import json
import re

import pytest
from django.contrib.auth.models import Permission

from catalogues.editing import CHANGED_MEANWHILE, CONFLICT, fingerprint
from levels.admin.metadata_forms import known_metadata
from levels.models import Level, Section
from levels.services import set_prerequisites
from tests.factories import LevelFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST, ADD = "/admin/levels/level/", "/admin/levels/level/add/"


@pytest.fixture
def editor_client(client, staff):
    client.force_login(staff)
    return client


def form(level=None, **fields):
    """What the browser sends for a level, with the fingerprint that the page carries."""
    level = level or Level(level_id="level-9", name="Nine", category="tests")
    names = [
        field.name
        for field in Level._meta.concrete_fields
        if field.editable and field.name not in {"id", "translations"}
    ]
    data = {name: getattr(level, name) for name in names}
    data |= {name: "\n".join(data[name]) for name in ("skills", "tags")}
    known = known_metadata(level.metadata)
    data |= known | {"metadata": json.dumps({name: level.metadata[name] for name in level.metadata.keys() - known})}
    data = {name: value for name, value in data.items() if value is not None and value is not False}
    opened = {"opened": fingerprint(level)} if level.pk else {}
    return {**data, **opened, **fields}


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
    answer = editor_client.post(ADD, form(kind="training", repeat_policy="", metadata="", tags=""))
    assert answer.status_code == 302, answer.context["errors"]
    level = Level.objects.get()
    assert (level.level_id, level.created_by, level.repeat_policy) == ("level-9", staff, "improvement")
    assert (level.skills, level.tags, level.metadata) == ([], [], {})


def test_the_form_says_under_which_rules_the_reward_counts(editor_client):
    page = editor_client.get(ADD).content.decode()
    assert "Formula and Scenario do not look at it." in page


def test_categories_and_units_are_suggested(editor_client):
    section = Section.objects.create(section_id="puk", title="Knowledge")
    section.units.create(unit_id="puk_u1", title="History")
    LevelFactory(category="Coding")
    page = editor_client.get(ADD).content.decode()
    for option in ('"puk">Knowledge<', '"Coding"><', '"puk_u1">Knowledge: History<'):
        assert f"<option value={option}/option>" in page
    assert re.search(r'<input type="text" name="unit"[^>]* maxlength="100"', page)


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
        ({"metadata": "[1]"}, {"metadata": ["Give a JSON object."]}),
        ({"metadata": '{"intro": "A"}', "intro": "B"}, {"metadata": ["“intro” has a field of its own."]}),
        (
            {"min_correct": "5", "total_questions": "4"},
            {"min_correct": ["“min_correct” must not exceed “total_questions”."]},
        ),
        ({"tags": "one\ntwo\none"}, {"tags": ["An entry is given twice."]}),
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


def opened(client, url):
    """The hidden value that the page carries."""
    return client.get(url).context["adminform"].form["opened"].value()


def test_the_second_of_two_editors_is_told_of_the_first(editor_client):
    level = LevelFactory(description="First text")
    seen = opened(editor_client, change_url(level))
    first = form(level, opened=seen, description="Second text")
    assert editor_client.post(change_url(level), first).status_code == 302
    second = editor_client.post(change_url(level), form(level, opened=seen, xp_reward="7"))
    assert second.context["adminform"].form.errors["__all__"][0] == CHANGED_MEANWHILE
    level.refresh_from_db()
    assert (level.description, level.xp_reward) == ("Second text", 0)


def test_other_prerequisites_are_a_conflict_too(editor_client):
    level, needed = LevelFactory(), LevelFactory()
    seen = opened(editor_client, change_url(level))
    set_prerequisites(level=Level.objects.get(pk=level.pk), needed=[needed])
    answer = editor_client.post(change_url(level), form(level, opened=seen))
    assert answer.context["adminform"].form.errors["__all__"][0] == CHANGED_MEANWHILE
    assert list(level.prerequisites.all()) == [needed]


def test_a_page_that_was_opened_before_an_equal_save_is_no_conflict(editor_client):
    level = LevelFactory()
    seen = opened(editor_client, change_url(level))
    level.save()
    assert editor_client.post(change_url(level), form(level, opened=seen)).status_code == 302


def test_a_form_without_the_hidden_value_is_a_conflict(editor_client):
    level = LevelFactory()
    answer = editor_client.post(change_url(level), form(level, opened=""))
    assert answer.context["adminform"].form.errors == {"__all__": [CONFLICT]}


def test_who_may_only_look_sees_the_page(client):
    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_level"))
    client.force_login(viewer)
    needed = LevelFactory()
    LevelFactory(prerequisites=[needed])
    page = client.get(change_url(needed))
    assert (page.status_code, b"Opened" in page.content, b"Unpublish anyway" in page.content) == (200, False, False)


def test_prerequisites_are_chosen_by_search_instead_of_from_a_list_of_all(editor_client):
    LevelFactory.create_batch(3)
    needed = LevelFactory(name="Gro\u00dfe \u00dcbung")
    page = editor_client.get(change_url(LevelFactory(prerequisites=[needed]))).content.decode()
    assert ("admin-autocomplete" in page, "Test level" in page.partition("id_prerequisites")[2]) == (True, False)
    found = editor_client.get(
        "/admin/autocomplete/",
        {"app_label": "levels", "model_name": "level", "field_name": "prerequisites", "term": "\u00fcbung"},
    )
    assert found.json()["results"] == [{"id": str(needed.pk), "text": needed.name}]


def test_unpublishing_a_required_level_takes_a_second_thought(editor_client):
    level = LevelFactory()
    LevelFactory(name="Second", prerequisites=[level])
    data = form(level)
    del data["published"]
    answer = editor_client.post(change_url(level), data)
    warning = "“Second” requires this level and will open without it. To go on, tick “Unpublish anyway”."
    assert answer.context["adminform"].form.errors == {"published": [warning]}
    assert Level.objects.get(pk=level.pk).published
    assert editor_client.post(change_url(level), {**data, "unpublish_anyway": "on"}).status_code == 302
    assert not Level.objects.get(pk=level.pk).published


def test_the_pages_that_delete_levels_say_who_requires_them(editor_client):
    level = LevelFactory(name="First")
    LevelFactory(name="Second", prerequisites=[level])
    warning = "“First”: “Second” requires this level and will open without it."
    page = editor_client.get(f"/admin/levels/level/{level.pk}/delete/")
    assert warning in html.unescape(page.content.decode())
    many = editor_client.post(LIST, {"action": "delete_selected", "_selected_action": [level.pk]})
    assert warning in html.unescape(many.content.decode())
    assert editor_client.post(f"/admin/levels/level/{level.pk}/delete/", {"post": "yes"}).status_code == 302
    assert [level.name for level in Level.objects.all()] == ["Second"]


@pytest.fixture
def section():
    section = Section.objects.create(section_id="puk", title="Knowledge", order=1)
    section.units.create(unit_id="puk_u1", title="History", order=1)
    return section


def section_form(section, **fields):
    (unit,) = section.units.all()
    inline = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 1, "0-id": unit.pk, "0-section": section.pk, "0-order": 1}
    inline |= {"0-title": unit.title, "0-language": "en", "0-unit_id": "renamed", "0-opened": fingerprint(unit)}
    data = {"title": section.title, "order": section.order, "section_id": "renamed", "language": "en"}
    data |= {"opened": fingerprint(section)}
    return {**data, **{f"units-{name}": value for name, value in inline.items()}, **fields}


def test_identifiers_of_sections_and_units_never_change(editor_client, section):
    url = f"/admin/levels/section/{section.pk}/change/"
    answer = editor_client.post(url, section_form(section, title="New title"))
    assert answer.status_code == 302, answer.context["errors"]
    (unit,) = section.units.all()
    section.refresh_from_db()
    assert (section.title, section.section_id, unit.unit_id) == ("New title", "puk", "puk_u1")
    data = {"title": "Other", "order": 1, "section": section.pk, "unit_id": "renamed", "language": "en"}
    data |= {"opened": fingerprint(unit)}
    assert editor_client.post(f"/admin/levels/unit/{unit.pk}/change/", data).status_code == 302
    unit.refresh_from_db()
    assert (unit.title, unit.unit_id) == ("Other", "puk_u1")


def test_units_on_the_page_of_their_section_conflict_too(editor_client, section):
    url = f"/admin/levels/section/{section.pk}/change/"
    assert b"units-0-opened" in editor_client.get(url).content
    data = section_form(section, **{"units-0-title": "Late title"})
    section.units.update(title="New title")
    answer = editor_client.post(url, data)
    (errors,) = answer.context["inline_admin_formsets"][0].formset.errors
    assert errors["__all__"][0] == CHANGED_MEANWHILE
    assert section.units.get().title == "New title"


def test_a_unit_takes_its_levels_along_to_another_section(editor_client, section):
    other = Section.objects.create(section_id="other", title="Other")
    (unit,) = section.units.all()
    levels = [LevelFactory(category="puk", unit="puk_u1") for _ in range(2)]
    stays = LevelFactory(category="puk", unit="puk_u2")
    data = {"title": unit.title, "order": 1, "section": other.pk, "language": "en", "opened": fingerprint(unit)}
    answer = editor_client.post(f"/admin/levels/unit/{unit.pk}/change/", data, follow=True)
    assert "2 levels moved with “History”." in html.unescape(answer.content.decode())
    assert [Level.objects.get(pk=level.pk).category for level in [*levels, stays]] == ["other", "other", "puk"]


def test_a_section_or_unit_with_levels_is_not_deleted(editor_client, section):
    (unit,) = section.units.all()
    level = LevelFactory(category="puk", unit="puk_u1")
    for group in (unit, section):
        url = f"/admin/levels/{group._meta.model_name}/{group.pk}/delete/"
        assert level.name in editor_client.post(url, {"post": "yes"}).content.decode()
        assert type(group).objects.filter(pk=group.pk).exists()
    level.delete()
    for group in (unit, section):
        url = f"/admin/levels/{group._meta.model_name}/{group.pk}/delete/"
        assert editor_client.post(url, {"post": "yes"}).status_code == 302
    assert not Section.objects.exists()
