"""Whoever may change people never touches an account or a group that has rights which they lack."""

import json

import pytest
from django.contrib.auth.models import Group, Permission

from skillquest.accounts.models import User
from tests.factories import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
PEOPLE, GROUPS = "/admin/accounts/user/", "/admin/auth/group/"
OWN_RIGHTS = [
    "add_user",
    "change_user",
    "view_user",
    "erase_user",
    "add_group",
    "change_group",
    "delete_group",
    "view_group",
]
NEW_PASSWORD = "a quite different horse"


def right(codename):
    return Permission.objects.get(codename=codename)


def people_with(**how):
    """Accounts with a right that the helper lacks, each in another way."""
    person = UserFactory()
    if how.get("group"):
        group = Group.objects.create(name="Programs")
        group.permissions.add(right("award_xp"))
        person.groups.add(group)
    if how.get("own"):
        person.user_permissions.add(right("award_xp"))
    User.objects.filter(pk=person.pk).update(**how.get("flags", {}))
    return User.objects.get(pk=person.pk)


STRONGER = {
    "a program that may award XP": {"own": True},
    "a program with the right by its group": {"group": True},
    "a deactivated program": {"own": True, "flags": {"is_active": False}},
    "a colleague without rights": {"flags": {"is_staff": True}},
    "a superuser who is no staff": {"flags": {"is_superuser": True}},
    "a superuser": {"flags": {"is_staff": True, "is_superuser": True}},
}


@pytest.fixture(params=STRONGER.values(), ids=STRONGER)
def stronger(request, db):
    return people_with(**request.param)


@pytest.fixture
def helper(client):
    """Staff with every right over people and groups, and no other."""
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=OWN_RIGHTS))
    client.force_login(person)
    return client


@pytest.fixture
def helper_themselves(helper):
    return User.objects.get(user_permissions__codename="erase_user")


def form_of(user, **changes):
    return {
        "username": user.username,
        "email": user.email,
        "display_name": "",
        "language": "en",
        "is_active": "on",
    } | changes


def state_of(user):
    row = User.objects.filter(pk=user.pk).values().get()
    rights = [list(links.order_by("pk").values_list("pk", flat=True)) for links in (user.groups, user.user_permissions)]
    return row, rights


PASSWORD_FORM = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("change/", {"email": "mine@example.test"}),
        ("change/", {"is_active": ""}),
        ("change/", {"is_staff": "on", "is_superuser": "on"}),
        ("password/", PASSWORD_FORM),
        ("password/", {"usable_password": "false", "unset-password": "1"}),
        ("delete/", {"post": "yes"}),
    ],
    ids=["address", "deactivate", "rights", "password", "no password", "delete"],
)
def test_an_account_with_more_rights_is_out_of_reach(helper, stronger, page, form):
    before = state_of(stronger)
    full = form_of(stronger) | form if page == "change/" else form
    assert helper.post(f"{PEOPLE}{stronger.pk}/{page}", full).status_code == 403
    assert state_of(stronger) == before


def test_nor_is_it_erased(helper, stronger):
    before = state_of(stronger)
    assert helper.post(f"{PEOPLE}{stronger.pk}/erase/", {"username": stronger.username}).status_code == 403
    assert state_of(stronger) == before


@pytest.mark.parametrize("action", ["delete_selected", "reset_password", ""])
def test_nor_is_it_reached_by_the_list(helper, stronger, action):
    before = state_of(stronger)
    helper.post(PEOPLE, {"action": action, "_selected_action": stronger.pk, "post": "yes"})
    row = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": stronger.pk, "form-0-is_active": ""}
    helper.post(PEOPLE, row | {"_save": "Save"})
    assert state_of(stronger) == before


def test_it_can_be_seen_without_being_changed(helper, stronger):
    page = helper.get(f"{PEOPLE}{stronger.pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()


def test_a_learner_is_changed_and_gets_a_new_password(helper, learner, security_log, helper_themselves):
    assert helper.post(f"{PEOPLE}{learner.pk}/change/", form_of(learner, display_name="Ana")).status_code == 302
    assert helper.post(f"{PEOPLE}{learner.pk}/password/", PASSWORD_FORM).status_code == 302
    learner.refresh_from_db()
    assert (learner.display_name, learner.check_password(NEW_PASSWORD)) == ("Ana", True)
    assert f"password_set user={learner.pk} by={helper_themselves.pk}" in security_log()


def test_an_account_with_the_same_rights_is_within_reach(helper):
    person = UserFactory()
    person.user_permissions.add(right("view_user"))
    assert helper.post(f"{PEOPLE}{person.pk}/change/", form_of(person, display_name="Ana")).status_code == 302


FORGED = {"is_staff": "on", "is_superuser": "on"}


def test_rights_cannot_be_forged_into_the_form(helper, learner):
    group = Group.objects.get(name="Analyst")
    before = state_of(learner)
    forged = FORGED | {"groups": [group.pk], "user_permissions": [right("award_xp").pk, right("view_user").pk]}
    assert helper.post(f"{PEOPLE}{learner.pk}/change/", form_of(learner, **forged)).status_code == 302
    assert state_of(learner) == before


def test_nor_into_ones_own(helper, helper_themselves):
    before = state_of(helper_themselves)
    forged = FORGED | {"user_permissions": [right("award_xp").pk]}
    answer = helper.post(f"{PEOPLE}{helper_themselves.pk}/change/", form_of(helper_themselves, **forged))
    assert answer.status_code == 302
    assert state_of(helper_themselves) == before


def test_nor_into_the_form_for_a_new_account(helper):
    form = {"username": "new-one", "email": "", **PASSWORD_FORM, **FORGED, "user_permissions": [right("award_xp").pk]}
    assert helper.post(f"{PEOPLE}add/", form).status_code == 302
    person = User.objects.get(username="new-one")
    assert (person.is_staff, person.is_superuser, person.user_permissions.count()) == (False, False, 0)


def test_a_form_that_was_opened_before_somebody_got_rights_is_refused(helper, learner):
    assert helper.get(f"{PEOPLE}{learner.pk}/change/").status_code == 200
    learner.user_permissions.add(right("award_xp"))
    assert helper.post(f"{PEOPLE}{learner.pk}/change/", form_of(learner, is_active="")).status_code == 403
    assert User.objects.get(pk=learner.pk).is_active


# --- Groups -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_group(db):
    """With nothing that the helper lacks."""
    group = Group.objects.create(name="Helpers")
    group.permissions.add(right("view_user"))
    return group


def names_in(group):
    return sorted(group.permissions.values_list("codename", flat=True))


def test_a_group_gets_only_rights_that_one_has(helper, own_group):
    form = {"name": "Helpers", "permissions": [right("view_user").pk, right("change_user").pk]}
    assert helper.post(f"{GROUPS}{own_group.pk}/change/", form).status_code == 302
    assert names_in(own_group) == ["change_user", "view_user"]
    form["permissions"].append(right("award_xp").pk)
    answer = helper.post(f"{GROUPS}{own_group.pk}/change/", form)
    assert "permissions" in answer.context["adminform"].errors
    assert names_in(own_group) == ["change_user", "view_user"]


def test_so_does_a_new_group(helper):
    form = {"name": "Mine", "permissions": [right("award_xp").pk]}
    assert "permissions" in helper.post(f"{GROUPS}add/", form).context["adminform"].errors
    assert not Group.objects.filter(name="Mine").exists()
    assert helper.post(f"{GROUPS}add/", {"name": "Mine", "permissions": [right("view_user").pk]}).status_code == 302


def test_a_group_with_more_rights_is_out_of_reach(helper):
    group = Group.objects.get(name="XP steward")
    before = names_in(group)
    assert helper.post(f"{GROUPS}{group.pk}/change/", {"name": "XP steward", "permissions": []}).status_code == 403
    assert helper.post(f"{GROUPS}{group.pk}/delete/", {"post": "yes"}).status_code == 403
    helper.post(GROUPS, {"action": "delete_selected", "_selected_action": group.pk, "post": "yes"})
    assert names_in(group) == before


def test_a_group_with_a_stronger_member_is_out_of_reach(helper, own_group, stronger):
    stronger.groups.add(own_group)
    is_reached = not (stronger.is_superuser or stronger.user_permissions.exists() or stronger.groups.count() > 1)
    answer = helper.post(f"{GROUPS}{own_group.pk}/change/", {"name": "Helpers", "permissions": []})
    assert answer.status_code == (302 if is_reached else 403)


def test_superusers_change_everything(client, staff, stronger, security_log):
    client.force_login(staff)
    group = Group.objects.get(name="Analyst")
    form = form_of(stronger, is_staff="on", is_superuser="on", groups=[group.pk])
    assert client.post(f"{PEOPLE}{stronger.pk}/change/", form).status_code == 302
    stronger.refresh_from_db()
    assert (stronger.is_staff, stronger.is_superuser, stronger.groups.get()) == (True, True, group)


# --- The security log -------------------------------------------------------------------------------------------------


def logged(lines, event):
    return [line for line in lines if line.startswith(f"{event} ")]


def test_rights_of_people_are_logged(client, staff, learner, security_log):
    client.force_login(staff)
    group = Group.objects.create(name="Odd\nname")
    form = form_of(learner, is_staff="on", groups=[group.pk], user_permissions=[right("award_xp").pk])
    client.post(f"{PEOPLE}{learner.pk}/change/", form)
    client.post(f"{PEOPLE}{learner.pk}/change/", form_of(learner))
    who = f"user={learner.pk} by={staff.pk}"
    rights = [["is_staff"], ["Odd\nname"], ["gamification.award_xp"]]
    assert logged(security_log(), "rights_changed")[-6:] == [
        *(f"rights_changed {who} gained={json.dumps(names)} lost=[]" for names in rights),
        *(f"rights_changed {who} gained=[] lost={json.dumps(names)}" for names in rights),
    ]


def test_rights_of_groups_are_logged(client, staff, own_group, security_log):
    client.force_login(staff)
    form = {"name": "Helpers", "permissions": [right("award_xp").pk]}
    client.post(f"{GROUPS}{own_group.pk}/change/", form)
    group = f"group_rights_changed user=- group={own_group.pk} by={staff.pk}"
    assert set(logged(security_log(), "group_rights_changed")[-2:]) == {
        f'{group} gained=[] lost=["accounts.view_user"]',
        f'{group} gained=["gamification.award_xp"] lost=[]',
    }


def test_new_names_to_sign_in_by_are_logged_without_the_names(client, staff, learner, security_log):
    client.force_login(staff)
    client.post(f"{PEOPLE}{learner.pk}/change/", form_of(learner, username="other", email="other@example.test"))
    assert security_log()[-1] == f"names_changed user={learner.pk} by={staff.pk} fields=username,email"


def test_a_password_set_by_staff_is_logged_and_a_refused_one_is_not(client, staff, learner, security_log):
    client.force_login(staff)
    path = f"{PEOPLE}{learner.pk}/password/"
    client.post(path, PASSWORD_FORM | {"password2": "another"})
    assert logged(security_log(), "password_set") == []
    client.post(path, PASSWORD_FORM)
    assert logged(security_log(), "password_set") == [f"password_set user={learner.pk} by={staff.pk}"]
    assert not [line for line in security_log() if NEW_PASSWORD in line or PASSWORD in line]


def test_a_new_account_is_logged(client, staff, security_log):
    client.force_login(staff)
    client.post(f"{PEOPLE}add/", {"username": "new-one", "email": "", **PASSWORD_FORM})
    person = User.objects.get(username="new-one")
    assert f"account_added user={person.pk} by={staff.pk}" in security_log()


def test_rights_given_by_a_command_are_logged_without_a_name(security_log):
    boss = StaffFactory()
    assert logged(security_log(), "rights_changed") == [
        f'rights_changed user={boss.pk} by=- gained=["is_staff", "is_superuser"] lost=[]'
    ]
