"""The history page in the admin."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils.html import strip_tags

from change_history.admin import CHANGES_ON_A_PAGE
from change_history.context import because
from gamification.models import XPRuleSet
from levels.models import Level, Section, Unit
from tests.change_history.reading import forget
from tests.factories import LevelFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client, staff):
    client.force_login(staff)
    return client


def page_of(client, row, **query):
    path = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/history/"
    return client.get(path, query)


def words_of(answer):
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode().replace("<", " <")))


def test_it_says_who_changed_what_and_why(boss, staff):
    level = LevelFactory(name="First", published=True)
    forget(Level)
    with because("The course has changed.", actor=staff):
        Level.objects.filter(pk=level.pk).update(name="<b>Second</b>", published=False, tags=["a", "b"])
    words = words_of(page_of(boss, level))
    assert f"by {staff.username} by a command Reason: The course has changed." in words
    assert "Field Before After" in words
    for line in ("Name First &lt;b&gt;Second&lt;/b&gt;", "Published Yes No", "Tags - a, b"):
        assert line in words


def test_it_says_which_numbers_of_a_rule_set_changed(boss):
    draft = XPRuleSet.objects.create(version=2)
    forget(XPRuleSet)
    path, value = next((key, value) for key, value in draft.rules.items() if isinstance(value, dict))
    name = next(key for key, inner in value.items() if isinstance(inner, int))
    draft.rules[path][name] = value[name] + 1
    XPRuleSet.objects.filter(pk=draft.pk).update(rules=draft.rules)
    assert f"Rules: {path}: {name} {value[name] - 1} {value[name]}" in words_of(page_of(boss, draft))


def test_a_foreign_key_is_shown_by_its_name(boss):
    old, new = (Section.objects.create(section_id=name, title=f"The {name} one") for name in ("old", "new"))
    unit = Unit.objects.create(unit_id="unit", section=old, title="Unit")
    Unit.objects.filter(pk=unit.pk).update(section=new)
    assert "Section The old one The new one" in words_of(page_of(boss, unit))


def test_it_is_empty_before_the_first_change(boss):
    level = LevelFactory()
    forget(Level)
    assert "No change has been recorded yet." in words_of(page_of(boss, level))


def test_it_has_pages_and_a_constant_number_of_statements(boss, django_assert_max_num_queries):
    level = LevelFactory()
    forget(Level)
    for number in range(CHANGES_ON_A_PAGE + 1):
        Level.objects.filter(pk=level.pk).update(position=number + 1)
    with django_assert_max_num_queries(12):
        first = words_of(page_of(boss, level))
    assert ("Page 1 of 2 Older changes" in first, "Newer changes" in first) == (True, False)
    assert "Newer changes Page 2 of 2" in words_of(page_of(boss, level, changes=2))


def test_groups_and_people_have_it_too(boss, learner):
    group = Group.objects.create(name="Editors")
    group.permissions.add(Permission.objects.get(codename="change_level"))
    learner.groups.add(group)
    assert "Permissions - levels.change_level" in words_of(page_of(boss, group))
    assert "Groups - Editors" in words_of(page_of(boss, learner))


@pytest.mark.parametrize(("rights", "status"), [(["view_level"], 200), (["change_level"], 200), (["view_unit"], 403)])
def test_whoever_may_view_a_row_may_read_its_history(client, rights, status):
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(person)
    assert page_of(client, LevelFactory()).status_code == status


def test_learners_and_strangers_see_none(client, learner):
    level = LevelFactory()
    assert page_of(client, level).status_code == 302
    client.force_login(learner)
    assert page_of(client, level).status_code == 302


def test_it_needs_no_inline_script_or_style(boss):
    level = LevelFactory()
    html = page_of(boss, level).content.decode()
    content = html[html.index('id="changes"') :]
    assert "style=" not in content
    assert "<script" not in content[: content.index("</section>")]
