"""Each change is recorded with the person who made it, whichever way they are signed in."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from approvals.services import approve
from gamification.models import Achievement, Badge
from levels.models import Level
from skillquest.accounts.models import User
from tests.change_history.reading import changes_of, forget
from tests.factories import LevelFactory, StaffFactory
from tests.gamification.earnables.factories import BadgeFactory
from tests.levels.test_admin import change_url, form

pytestmark = pytest.mark.django_db


@pytest.fixture
def level(db):
    level = LevelFactory(name="First")
    forget(Level)
    return level


def rename(client, level, **options):
    return client.patch(f"/api/v1/levels/{level.level_id}", {"name": "Second"}, format="json", **options)


def test_the_admin(client, staff, level):
    client.force_login(staff)
    assert client.post(change_url(level), form(level, name="Second")).status_code == 302
    assert changes_of(level) == [("~", staff.pk, "admin", {"name": ["First", "Second"]})]


def test_the_admin_records_nothing_for_a_form_that_changes_nothing(client, staff, level):
    client.force_login(staff)
    assert client.post(change_url(level), form(level)).status_code == 302
    assert changes_of(level) == []


def test_the_api_by_token(staff_api, staff, level):
    assert rename(staff_api, level).status_code == 200
    assert changes_of(level) == [("~", staff.pk, "api", {"name": ["First", "Second"]})]


def test_the_api_by_cookie(staff, level):
    client = APIClient()
    client.force_login(staff)
    assert rename(client, level).status_code == 200
    assert changes_of(level) == [("~", staff.pk, "api", {"name": ["First", "Second"]})]


def test_a_token_counts_where_a_cookie_of_somebody_else_is_sent_too(staff_api, staff, level):
    token = dict(staff_api._credentials)
    staff_api.force_login(StaffFactory())
    staff_api.credentials(**token)
    assert rename(staff_api, level).status_code == 200
    assert [change[1] for change in changes_of(level)] == [staff.pk]


def test_a_token_counts_with_an_idempotency_key(staff_api, staff, level):
    answer = rename(staff_api, level, HTTP_IDEMPOTENCY_KEY="one")
    assert answer.status_code == 200
    assert [change[1] for change in changes_of(level)] == [staff.pk]


def test_adding_and_deleting_by_token(staff_api, staff):
    new = {"level_id": "new", "name": "New", "category": "tests"}
    assert staff_api.post("/api/v1/levels", new, format="json").status_code == 200
    level = Level.objects.get()
    assert staff_api.delete("/api/v1/levels/new").status_code == 204
    assert [change[:3] for change in changes_of(level)] == [("+", staff.pk, "api"), ("-", staff.pk, "api")]


def test_badges_and_the_catalogue_by_token(staff_api, staff):
    badge = BadgeFactory(name="Old")
    forget(Badge)
    new = {"name": "New", "condition": None}
    assert staff_api.put(f"/api/v1/badges/{badge.pk}", new, format="json").status_code == 200
    assert [change[:3] for change in changes_of(badge)] == [("~", staff.pk, "api")]
    assert staff_api.post("/api/v1/gamification/achievements/initialize").status_code == 200
    assert set(Achievement.history.values_list("history_user", "source")) == {(staff.pk, "api")}


def test_an_approved_edit_names_the_approver_and_the_request(staff_api, level):
    answer = staff_api.patch(f"/api/v1/levels/{level.level_id}", {"xp_reward": 5_000, "xp_rule": "fixed"})
    number, approver = answer.json()["request_id"], StaffFactory()
    forget(Level)
    approve(number, actor=approver, at=timezone.now())
    record = Level.history.get()
    assert (record.history_user, record.history_change_reason) == (approver, f"Approval request {number}")
    assert record.changes["xp_reward"] == [0, 5_000]


def test_an_edit_after_a_request_is_not_that_of_the_request(staff_api, level):
    rename(staff_api, level)
    forget(Level)
    Level.objects.filter(pk=level.pk).update(name="Third")
    assert [change[1:3] for change in changes_of(level)] == [(None, "command")]


def test_commands_have_no_actor():
    call_command("createsuperuser", username="root", email="root@example.test", interactive=False)
    root = User.objects.get(username="root")
    assert [change[:3] for change in changes_of(root)] == [("+", None, "command")]


def test_rights_given_in_the_admin(client, staff, learner):
    right = Permission.objects.get(codename="change_level")
    group = Group.objects.get(name="Analyst")
    client.force_login(staff)
    forget(User)
    fields = {"username": learner.username, "email": learner.email, "display_name": "", "language": "en"}
    rights = {"is_active": "on", "is_staff": "on", "groups": [group.pk], "user_permissions": [right.pk]}
    assert client.post(f"/admin/accounts/user/{learner.pk}/change/", fields | rights).status_code == 302
    what = {
        "is_staff": [False, True],
        "groups": [[], ["Analyst"]],
        "user_permissions": [[], ["levels.change_level"]],
    }
    assert changes_of(learner) == [("~", staff.pk, "admin", what)]


def test_what_people_change_for_themselves_is_not_recorded(learner_api, learner):
    forget(User)
    assert learner_api.patch("/api/v1/auth/me", {"display_name": "Ana", "language": "id"}).status_code == 200
    assert changes_of(learner) == []


def test_people_added_in_the_admin_are_recorded_without_their_password(client, staff):
    client.force_login(staff)
    password = "a quite different horse"
    fields = {"username": "new-staff", "email": "", "password1": password, "password2": password}
    assert client.post("/admin/accounts/user/add/", fields | {"usable_password": "true"}).status_code == 302
    person = User.objects.get(username="new-staff")
    assert changes_of(person) == [
        (
            "+",
            staff.pk,
            "admin",
            {
                "username": [None, "new-staff"],
                "is_active": [None, True],
                "is_staff": [None, False],
                "is_superuser": [None, False],
            },
        )
    ]


def test_a_learner_changes_nothing_that_is_recorded(learner_api):
    level = LevelFactory()
    forget(Level, User)
    answer = learner_api.post("/api/v1/levels/complete", {"level_id": level.level_id, "score": 900, "time_spent": 60})
    assert answer.status_code == 200, answer.content
    assert not Level.history.exists()
    assert not User.history.exists()
