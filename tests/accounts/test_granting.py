"""New permissions reach the groups and people of existing installations by migrations, and nothing else changes."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from skillquest.accounts.granting import REASON
from skillquest.accounts.groups import GROUPS
from skillquest.accounts.models import User
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = ("accounts", "0011_find_people")
NEW = {"repair_days", "view_dayrepair", "decide_held_results", "reverse_since", "view_analytics"}
OF_ANALYSTS = {"view_dayrepair", "view_analytics"}


@pytest.fixture
def upgrade():
    """As before the upgrade: none of the new permissions exists. `upgrade()` migrates."""
    MigrationExecutor(connection).migrate([BEFORE])
    Permission.objects.filter(codename__in=NEW).delete()
    Group.history.all().delete()
    User.history.all().delete()
    return lambda: call_command("migrate", verbosity=0)


def names_of(rows):
    return set(rows.values_list("codename", flat=True))


def new_of(rows):
    return names_of(rows) & NEW


def test_default_groups_get_what_is_new_and_keep_what_was_changed(upgrade):
    steward, analyst = Group.objects.get(name="XP steward"), Group.objects.get(name="Analyst")
    steward.permissions.remove(Permission.objects.get(codename="change_board_standing"))
    analyst.permissions.add(Permission.objects.get(codename="view_serverkey"))
    before = names_of(steward.permissions), names_of(analyst.permissions)
    upgrade()
    assert names_of(steward.permissions) == before[0] | NEW - {"view_analytics"}
    assert names_of(analyst.permissions) == before[1] | OF_ANALYSTS
    assert not new_of(Group.objects.get(name="Content editor").permissions)


def test_whoever_could_adjust_xp_can_still_decide_and_reverse(upgrade):
    award = Permission.objects.get(codename="award_xp")
    person, other, helpers = StaffFactory(), StaffFactory(), Group.objects.create(name="Helpers")
    person.user_permissions.add(award)
    helpers.permissions.add(award)
    upgrade()
    assert new_of(person.user_permissions) == new_of(helpers.permissions) == {"decide_held_results", "reverse_since"}
    assert not other.user_permissions.exists()


def test_groups_that_were_renamed_or_deleted_get_nothing(upgrade):
    Group.objects.filter(name="Analyst").update(name="Researchers")
    Group.objects.get(name="XP steward").delete()
    upgrade()
    assert not new_of(Group.objects.get(name="Researchers").permissions)


def test_a_role_that_is_new_is_made(upgrade):
    Group.objects.get(name="Fairness reviewer").delete()
    upgrade()
    made = Group.objects.get(name="Fairness reviewer").permissions
    assert names_of(made) == {codename for _, codename in GROUPS["Fairness reviewer"]}


def test_an_upgrade_is_in_the_history_once(upgrade):
    upgrade()
    steward = Group.objects.get(name="XP steward")
    MigrationExecutor(connection).migrate([BEFORE])
    upgrade()
    version = Group.history.get(id=steward.pk)
    before, after = version.changes["permissions"]
    assert (version.name, version.history_change_reason) == ("XP steward", REASON)
    assert set(after) - set(before) == {f"{app}.{name}" for app, name in GROUPS["XP steward"] if name in NEW}


def test_permissions_of_an_upgrade_are_those_that_django_makes(upgrade):
    upgrade()
    stored = dict(Permission.objects.filter(codename__in=NEW).values_list("codename", "name"))
    assert stored == {
        "repair_days": "Can return freezes to learners and repair their missed days",
        "view_dayrepair": "Can view repaired day",
        "view_analytics": "Can view analytics",
        "decide_held_results": "Can release and refuse held results",
        "reverse_since": "Can reverse many entries of a learner at once",
    }
