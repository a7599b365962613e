"""The groups out of the box: who may see and do what in the admin, without being a superuser."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from skillquest.accounts.groups import GROUPS
from tests.factories import LevelFactory, StaffFactory, adjust

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def as_member(client):
    def as_member(group):
        person = StaffFactory(is_superuser=False)
        person.groups.add(Group.objects.get(name=group))
        client.force_login(person)
        return client

    return as_member


def names_of(group):
    return set(group.permissions.values_list("content_type__app_label", "codename"))


def models_listed(client):
    apps_shown = client.get(reverse("admin:index")).context["app_list"]
    return {model["object_name"].lower(): model["perms"] for app in apps_shown for model in app["models"]}


def test_migrate_creates_the_groups_with_the_documented_permissions():
    assert {group.name: names_of(group) for group in Group.objects.all()} == GROUPS


def test_migrating_again_makes_nothing_twice_and_leaves_changes_alone():
    steward = Group.objects.get(name="XP steward")
    steward.permissions.clear()
    Group.objects.get(name="Analyst").delete()
    call_command("migrate", verbosity=0)
    assert sorted(Group.objects.values_list("name", flat=True)) == sorted(GROUPS)
    assert names_of(steward) == set()
    assert names_of(Group.objects.get(name="Analyst")) == GROUPS["Analyst"]


def test_a_database_that_has_no_groups_yet_is_left_alone(tmp_path):
    """`migrate contenttypes` may run first on a fresh database."""
    settings = {"SECRET_KEY": "x" * 50, "DATABASE_URL": f"sqlite:///{tmp_path / 'fresh.sqlite3'}", "DEBUG": "0"}
    migrate = [sys.executable, ROOT / "manage.py", "migrate", "contenttypes", "--verbosity", "0"]
    made = subprocess.run(migrate, env=os.environ | settings, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


def test_a_content_editor_edits_what_there_is_to_learn_and_earn_and_sees_backfills_and_metrics(as_member):
    listed = models_listed(as_member("Content editor"))
    for shown in ("job", "approvalrequest", "metric"):
        assert listed.pop(shown) == {"add": False, "change": False, "delete": False, "view": True}
    assert set(listed) == {"level", "question", "section", "unit", "achievement", "badge"}
    assert all(perms["add"] and perms["change"] and perms["view"] for perms in listed.values())


def test_an_xp_steward_adjusts_and_reverses_and_edits_no_content(as_member, learner):
    client = as_member("XP steward")
    line = adjust(learner_id=learner.pk, amount=10, reason="A gift", actor=StaffFactory(), at=learner.date_joined)
    assert not any(perms["add"] or perms["delete"] for perms in models_listed(client).values())
    for page in [
        reverse("admin:gamification_learnerprofile_adjust", args=[learner.pk]),
        reverse("admin:gamification_ledgerentry_reverse", args=[line.pk]),
        reverse("admin:gamification_ledgerentry_change", args=[line.pk]),
        reverse("admin:approvals_approvalrequest_changelist"),
    ]:
        assert client.get(page).status_code == 200, page
    assert client.get(reverse("admin:levels_level_add")).status_code == 403


def test_an_analyst_may_view_everything_and_change_nothing(as_member, learner):
    client = as_member("Analyst")
    line = adjust(learner_id=learner.pk, amount=10, reason="A gift", actor=StaffFactory(), at=learner.date_joined)
    level = LevelFactory()
    listed = models_listed(client)
    assert all(perms == {"add": False, "change": False, "delete": False, "view": True} for perms in listed.values())
    apps_shown = {"levels", "gamification", "tracking", "jobs", "approvals", "analytics"}
    ours = {model for model in admin.site._registry if model._meta.app_label in apps_shown}
    assert set(listed) == {model._meta.model_name for model in ours}
    for page in [
        reverse("admin:gamification_learnerprofile_change", args=[learner.pk]),
        reverse("admin:gamification_ledgerentry_change", args=[line.pk]),
        reverse("admin:levels_level_change", args=[level.pk]),
    ]:
        assert client.get(page).status_code == 200, page
        assert client.post(page, {}).status_code == 403, page
    for act in [
        reverse("admin:gamification_learnerprofile_adjust", args=[learner.pk]),
        reverse("admin:gamification_ledgerentry_reverse", args=[line.pk]),
    ]:
        assert client.get(act).status_code == 403, act


def test_a_fairness_reviewer_decides_and_reverses_and_gives_nothing(as_member, learner):
    client = as_member("Fairness reviewer")
    line = adjust(learner_id=learner.pk, amount=10, reason="A gift", actor=StaffFactory(), at=learner.date_joined)
    page = client.get(reverse("admin:gamification_learnerprofile_change", args=[learner.pk])).content.decode()
    for act in ("reverse_since", "standing"):
        address = reverse(f"admin:gamification_learnerprofile_{act}", args=[learner.pk])
        assert (address in page, client.get(address).status_code) == (True, 200)
    for opened in ("tracking_completion_held", "gamification_learnerprofile_unusual"):
        assert client.get(reverse(f"admin:{opened}")).status_code == 200
    for refused, key in (("learnerprofile_adjust", learner.pk), ("ledgerentry_reverse", line.pk)):
        assert client.get(reverse(f"admin:gamification_{refused}", args=[key])).status_code == 403


def test_adjusting_is_only_offered_to_people_who_may_adjust(as_member, learner):
    client = as_member("Analyst")
    for page in [
        reverse("admin:gamification_learnerprofile_changelist"),
        reverse("admin:gamification_learnerprofile_change", args=[learner.pk]),
    ]:
        assert "/adjust/" not in client.get(page).content.decode()


def test_no_group_may_change_people_or_permissions():
    apps_named = {app for rights in GROUPS.values() for app, _ in rights}
    assert apps_named == {"levels", "gamification", "tracking", "jobs", "approvals", "machines", "analytics"}
    assert apps_named <= {app.label for app in apps.get_app_configs()}
