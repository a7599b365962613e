"""Every way of writing a tracked row leaves a record of what changed, and writing nothing leaves none."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db.models import F

from change_history.context import because
from gamification.models import Achievement, Badge, XPRuleSet
from gamification.rule_sets.publishing import publish_rule_set
from levels.models import Level, Section, Unit
from levels.services import move_unit, set_prerequisites
from skillquest.accounts.models import User
from tests.change_history.reading import changes_of, forget, what_changed
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, metric
from tests.shipped_catalogue import load_catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def level(db):
    level = Level.objects.get(pk=LevelFactory(name="First", xp_reward=10).pk)
    forget(Level)
    return level


def test_a_saved_change_says_before_and_after(level):
    level.name, level.xp_reward = "Second", 20
    level.save()
    assert changes_of(level) == [("~", None, "command", {"name": ["First", "Second"], "xp_reward": [10, 20]})]


def test_a_version_has_the_values_after_the_change(level):
    level.name = "Second"
    level.save()
    version = Level.history.get()
    assert (version.name, version.xp_reward, version.history_object.name) == ("Second", 10, "Second")


def test_saving_what_is_stored_leaves_no_record(level):
    level.save()
    level.xp_reward = "10"
    level.save()
    Level.objects.filter(pk=level.pk).update(name="First")
    assert what_changed(level) == []


def test_fields_that_were_not_written_are_not_recorded(level):
    level.name, level.xp_reward = "Second", 20
    level.save(update_fields=["name"])
    assert what_changed(level) == [{"name": ["First", "Second"]}]


def test_a_computed_value_is_recorded_as_the_database_has_it(level):
    level.xp_reward = F("xp_reward") + 1
    level.save()
    Level.objects.filter(pk=level.pk).update(xp_reward=F("xp_reward") + 1)
    assert what_changed(level) == [{"xp_reward": [10, 11]}, {"xp_reward": [11, 12]}]


def test_a_new_row_says_all_its_values():
    section = Section.objects.create(section_id="one", title="One")
    values = {"section_id": [None, "one"], "title": [None, "One"], "order": [None, 0], "language": [None, "en"]}
    assert changes_of(section) == [("+", None, "command", values)]


def test_a_deleted_row_says_what_it_was():
    section = Section.objects.create(section_id="one", title="One")
    key = section.pk
    section.delete()
    last = Section.history.filter(id=key).first()
    assert (last.history_type, last.title) == ("-", "One")
    values = {"section_id": ["one", None], "title": ["One", None], "order": [0, None], "language": ["en", None]}
    assert last.changes == values


def test_updates_of_many_rows_are_recorded_for_each():
    levels = [LevelFactory(xp_reward=reward) for reward in (1, 2, 3)]
    forget(Level)
    Level.objects.filter(xp_reward__lt=3).update(xp_reward=2)
    assert [what_changed(level) for level in levels] == [[{"xp_reward": [1, 2]}], [], []]


def test_bulk_writes_are_recorded():
    made = Section.objects.bulk_create(Section(section_id=f"s{number}", title="Old") for number in range(2))
    for section in made:
        section.title = "New"
    Section.objects.bulk_update(made, ["title"])
    changed = [{"title": ["Old", "New"]}]
    assert [what_changed(section)[1:] for section in made] == [changed, changed]


def test_an_upsert_tells_new_rows_from_changed_ones():
    Section.objects.create(section_id="old", title="Old")
    forget(Section)
    rows = [Section(section_id="old", title="Older"), Section(section_id="new", title="New")]
    Section.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["section_id"], update_fields=["title", "order"]
    )
    assert [(row.history_type, row.section_id) for row in Section.history.order_by("history_id")] == [
        ("~", "old"),
        ("+", "new"),
    ]
    assert what_changed(Section.objects.get(section_id="old")) == [{"title": ["Old", "Older"]}]


def test_records_of_many_rows_take_a_constant_number_of_statements(django_assert_num_queries):
    for number in range(10):
        LevelFactory(xp_reward=number + 1)
    for amount in (1, 10):
        rows = Level.objects.filter(xp_reward__lte=amount)
        with django_assert_num_queries(4):  # what it was, the update, what it is, the records
            rows.update(xp_reward=100 + F("xp_reward"))


def test_prerequisites_are_recorded_by_name(level):
    first, second, third = (LevelFactory(level_id=name) for name in ("one", "two", "three"))
    set_prerequisites(level=level, needed=[first, second])
    again = Level.objects.get(pk=level.pk)
    set_prerequisites(level=again, needed=[second, third])
    set_prerequisites(level=again, needed=[third, second])
    assert what_changed(level) == [
        {"prerequisites": [[], ["one", "two"]]},
        {"prerequisites": [["one", "two"], ["two", "three"]]},
    ]


def test_relations_that_end_with_their_target_are_recorded(level):
    needed = LevelFactory(level_id="needed")
    level.prerequisites.set([needed])
    forget(Level)
    needed.delete()
    assert what_changed(level) == [{"prerequisites": [["needed"], []]}]


def test_relations_are_recorded_from_the_other_side_too():
    group, people = Group.objects.create(name="Readers"), [UserFactory(), UserFactory()]
    forget(User)
    group.user_set.add(*people)
    group.user_set.remove(people[0])
    assert what_changed(people[0]) == [{"groups": [[], ["Readers"]]}, {"groups": [["Readers"], []]}]
    assert what_changed(people[1]) == [{"groups": [[], ["Readers"]]}]


def test_a_moved_unit_is_recorded_with_its_levels():
    old, new = (Section.objects.create(section_id=name, title=name) for name in ("old", "new"))
    unit = Unit.objects.create(unit_id="unit", section=old, title="Unit")
    level = LevelFactory(category="old", unit="unit")
    forget(Level, Unit)
    move_unit(unit=unit, section=new)
    assert what_changed(level) == [{"category": ["old", "new"]}]
    assert what_changed(unit) == [{"section": [old.pk, new.pk]}]


def test_publishing_is_recorded_for_both_rule_sets():
    first = XPRuleSet.objects.published().get()
    draft = XPRuleSet.objects.create(version=2)
    forget(XPRuleSet)
    publish_rule_set(draft, at=first.published_at)
    assert what_changed(first) == [{"status": ["published", "retired"]}]
    published_at = first.published_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert what_changed(draft) == [{"status": ["draft", "published"], "published_at": [None, published_at]}]


@pytest.mark.parametrize("factory", [AchievementFactory, BadgeFactory])
def test_conditions_of_achievements_and_badges_are_recorded(factory):
    earnable = factory(condition=metric("levels_completed", 1))
    forget(Achievement, Badge)
    earnable.condition = metric("levels_completed", 2)
    earnable.save()
    assert what_changed(earnable) == [{"condition": [metric("levels_completed", 1), metric("levels_completed", 2)]}]


def test_rights_of_groups_and_people_are_recorded():
    right = Permission.objects.get(codename="change_level")
    group, person = Group.objects.create(name="Editors"), UserFactory()
    forget(Group, User)
    group.permissions.add(right)
    person.groups.add(group)
    person.user_permissions.add(right)
    person.is_staff = True
    person.save()
    assert what_changed(group) == [{"permissions": [[], ["levels.change_level"]]}]
    assert [list(change) for change in what_changed(person)] == [["groups", "user_permissions"], ["is_staff"]]


def test_a_group_that_is_deleted_ends_the_rights_of_its_members_on_record():
    group, person = Group.objects.create(name="Editors"), UserFactory()
    person.groups.add(group)
    forget(User)
    group.delete()
    assert what_changed(person) == [{"groups": [["Editors"], []]}]


def test_one_edit_with_relations_is_one_record(staff):
    person, group = UserFactory(), Group.objects.create(name="Editors")
    forget(User)
    person.is_staff = True
    person.save()
    person.groups.set([group])
    assert what_changed(person) == [{"is_staff": [False, True], "groups": [[], ["Editors"]]}]


def test_passwords_and_sign_ins_never_enter_the_history(client):
    person = UserFactory()
    forget(User)
    person.set_password("another quite secret horse")
    person.save()
    client.force_login(person)
    assert what_changed(person) == []
    assert {"password", "last_login", "sign_in_generation", "display_name"}.isdisjoint(
        field.name for field in User.history.model._meta.fields
    )


def test_people_who_register_themselves_are_not_recorded(api):
    form = {"username": "newcomer", "email": "new@example.test", "password": "a quite long horse"}
    assert api.post("/api/v1/auth/register", form, format="json").status_code == 201
    assert not User.history.exists()


def test_a_reason_and_an_actor_can_be_given(level):
    boss = StaffFactory()
    with because("The course has changed.", actor=boss):
        Level.objects.filter(pk=level.pk).update(name="Second")
    record = Level.history.get()
    assert (record.history_user, record.history_change_reason, record.source) == (
        boss,
        "The course has changed.",
        "command",
    )


def test_the_catalogue_is_recorded_once():
    call_command("load_catalogue", verbosity=0)
    models = [Level, Section, Unit, Achievement, Badge]
    counts = [model.history.count() for model in models]
    assert counts == [model.objects.count() for model in models]
    assert set(Level.history.values_list("history_change_reason", "history_type")) == {("load_catalogue", "+")}
    call_command("load_catalogue", verbosity=0)
    assert [model.history.count() for model in models] == counts


def test_what_the_catalogue_changes_back_is_recorded():
    load_catalogue()
    level = Level.objects.exclude(prerequisites=None).first()
    needed, name = [other.level_id for other in level.prerequisites.order_by("pk")], level.name
    level.name = "Edited"
    level.save()
    level.prerequisites.clear()
    forget(Level)
    load_catalogue()
    assert what_changed(level) == [{"name": ["Edited", name], "prerequisites": [[], needed]}]
