"""Actions on many levels: what changes is shown first, and the rules of one level hold, in constant statements."""

import html
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from levels.models import Level, LevelChange, Section
from tests.factories import LevelFactory, StaffFactory, UserFactory

from .test_admin import LIST

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def editor(client):
    person = StaffFactory()
    client.force_login(person)
    return person


def ask(client, action, levels, **more):
    """What the browser sends from the list, or again from the page that asks for confirmation."""
    data = {"action": action, "_selected_action": [level.pk for level in levels], **more}
    return client.post(f"{LIST}{more.pop('query', '')}", data)


def shown(answer):
    assert answer.status_code == 200, answer.status_code
    return html.unescape(answer.content.decode())


def confirm(client, action, levels, **more):
    found = re.search(r'name="_apply" value="(\w+)"', shown(ask(client, action, levels, **more)))
    return ask(client, action, levels, **more, _apply=found[1])


def reload(levels):
    return [Level.objects.get(pk=level.pk) for level in levels]


def test_the_page_says_what_changes_and_saves_nothing(client):
    drafts = LevelFactory.create_batch(2, published=False)
    page = shown(ask(client, "publish", [*drafts, LevelFactory()]))
    assert "2 rows change. 1 is like that already." in page
    assert f'<th scope="row">{drafts[0].name}</th><td>Published</td><td>No</td><td>Yes</td>' in page
    assert [level.published for level in reload(drafts)] == [False, False]
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("publish", {"published": False}, {"published": True}),
        ("unpublish", {"published": True}, {"published": False}),
        ("unlock", {"unlocked": False}, {"unlocked": True}),
        ("lock", {"unlocked": True}, {"unlocked": False}),
    ],
)
def test_many_levels_are_changed_at_once_and_each_has_its_history(client, editor, action, before, after):
    levels, (name, value) = LevelFactory.create_batch(3, **before), next(iter(after.items()))
    answer = confirm(client, action, levels)
    assert answer.status_code == 302
    assert [getattr(level, name) for level in reload(levels)] == [value] * 3
    assert [level.history.first().changes for level in levels] == [{name: [not value, value]}] * 3
    assert {level.history.first().history_user for level in levels} == {editor}
    assert LevelChange.objects.count() == 3
    assert all(level.rules_changed_at for level in reload(levels))
    assert LogEntry.objects.filter(object_id__in=[level.pk for level in levels]).count() == 3


def test_levels_are_moved_to_a_unit_or_a_section(client):
    section = Section.objects.create(section_id="puk", title="Knowledge")
    section.units.create(unit_id="u1", title="History")
    texts = {"id": {"category": "Uji", "name": "Satu"}}
    levels = [LevelFactory(category="old", translations=texts), LevelFactory(category="old")]
    assert "Knowledge: History" in shown(ask(client, "move", levels))
    assert confirm(client, "move", levels, to="puk/u1").status_code == 302
    assert [(level.category, level.unit) for level in reload(levels)] == [("puk", "u1")] * 2
    assert reload(levels)[0].translations == {"id": {"name": "Satu"}}
    for level in reload(levels):
        level.full_clean()
    assert confirm(client, "move", levels, to="puk/").status_code == 302
    assert [(level.category, level.unit) for level in reload(levels)] == [("puk", "")] * 2


def test_the_difficulty_is_changed(client):
    levels = LevelFactory.create_batch(2)
    assert "What changes" not in shown(ask(client, "set_difficulty", levels))
    assert "<td>Normal</td><td>Hard</td>" in shown(ask(client, "set_difficulty", levels, to="hard"))
    confirm(client, "set_difficulty", levels, to="hard")
    assert [level.difficulty for level in reload(levels)] == ["hard"] * 2


@pytest.mark.parametrize(("action", "to"), [("set_difficulty", "lethal"), ("move", "nowhere/"), ("move", "a/b/c")])
def test_what_cannot_be_chosen_is_refused(client, action, to):
    level = LevelFactory()
    assert "Select a valid choice" in shown(ask(client, action, [level], to=to, _apply="x"))
    assert (reload([level])[0].difficulty, reload([level])[0].category) == ("normal", "testing")


def test_what_takes_a_second_person_is_left_out(client, settings):
    settings.XP_APPROVAL_ABOVE = 1_000
    rich = LevelFactory(name="Rich", xp_rule="formula", max_score=1_000_000, difficulty="very_easy")
    plain = LevelFactory(max_score=100)
    page = shown(ask(client, "set_difficulty", [rich, plain], to="expert"))
    assert "These are left out" in page
    assert f'<a href="/admin/levels/level/{rich.pk}/change/">Rich</a>' in page
    confirm(client, "set_difficulty", [rich, plain], to="expert")
    assert [level.difficulty for level in reload([rich, plain])] == ["very_easy", "expert"]


def test_unpublishing_says_who_depends_on_the_levels_from_outside(client):
    first = LevelFactory(name="First")
    second = LevelFactory(name="Second", prerequisites=[first])
    LevelFactory(name="Third", prerequisites=[second])
    page = shown(ask(client, "unpublish", [first, second]))
    assert "Levels that require one of these and will open without it: “Third”." in page
    assert "Change them anyway" in page
    assert "Change them anyway" not in shown(ask(client, "unpublish", Level.objects.all()))
    assert confirm(client, "unpublish", [first, second]).status_code == 302


def test_what_changed_since_the_page_was_shown_is_shown_again(client):
    levels = LevelFactory.create_batch(2, published=False)
    mark = re.search(r'name="_apply" value="(\w+)"', shown(ask(client, "publish", levels)))[1]
    Level.objects.filter(pk=levels[0].pk).update(published=True)
    page = shown(ask(client, "publish", levels, _apply=mark))
    assert "Something changed meanwhile, so nothing is saved." in page
    assert "1 row changes." in page
    assert not reload(levels)[1].published


def test_a_second_click_changes_nothing_more(client):
    levels = LevelFactory.create_batch(2, published=False)
    mark = re.search(r'name="_apply" value="(\w+)"', shown(ask(client, "publish", levels)))[1]
    ask(client, "publish", levels, _apply=mark)
    assert "0 rows change. 2 are like that already." in shown(ask(client, "publish", levels, _apply=mark))
    assert LogEntry.objects.count() == 2


def test_all_levels_of_a_filtered_list_are_changed(client):
    chosen = LevelFactory.create_batch(3, published=False, kind="mode")
    other = LevelFactory(published=False)
    more = {"select_across": "1", "query": "?kind__exact=mode"}
    assert shown(ask(client, "publish", chosen[:1], **more)).count('name="_selected_action"') == 1
    confirm(client, "publish", chosen[:1], **more)
    assert [level.published for level in reload([*chosen, other])] == [True, True, True, False]


@pytest.mark.parametrize("many", [3, 60])
def test_the_number_of_statements_does_not_grow(client, django_assert_max_num_queries, many):
    levels = LevelFactory.create_batch(many, published=False)
    client.get(LIST)
    with django_assert_max_num_queries(12):
        page = shown(ask(client, "publish", levels))
    assert page.count("<td>Published</td>") == min(many, 20)
    with django_assert_max_num_queries(28):  # SQLite inserts in several portions
        assert confirm(client, "publish", levels).status_code == 302


def test_who_may_not_change_levels_has_no_such_actions(client):
    level = LevelFactory(published=False)
    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_level"))
    client.force_login(viewer)
    assert "Publish…" not in client.get(LIST).content.decode()
    ask(client, "publish", [level], _apply="x")
    assert not reload([level])[0].published
