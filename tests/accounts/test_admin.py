import pytest
from django.contrib.auth.models import Permission

from skillquest.accounts.models import User
from tests.accounts.api_calls import call
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/accounts/user/"


@pytest.fixture
def boss(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def helper(client):
    """Staff who may edit people, and nothing more."""
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client.force_login(person)
    return client


def form_of(user, **changes):
    return {"username": user.username, "email": user.email, "display_name": "", "language": "en"} | changes


def test_the_pages_of_accounts_are_shown(boss, learner):
    for page in ("", "add/", f"{learner.pk}/change/", f"{learner.pk}/password/", f"{learner.pk}/history/"):
        assert boss.get(PEOPLE + page).status_code == 200
    assert boss.get(PEOPLE, {"q": learner.email}).status_code == 200


def test_staff_are_created_in_the_admin(boss):
    form = {"username": "new-staff", "email": "New@example.test", "password1": PASSWORD, "password2": PASSWORD}
    answer = boss.post(f"{PEOPLE}add/", form | {"usable_password": "true"})
    assert answer.status_code == 302
    assert call("POST", "login", {"username": "new-staff", "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("taken", [{"username": "ANA"}, {"email": "ANA@example.test"}])
def test_a_taken_name_is_an_error_in_the_form(boss, taken):
    UserFactory(username="ana", email="ana@example.test")
    form = {"username": "other", "email": "other@example.test", "password1": PASSWORD, "password2": PASSWORD}
    answer = boss.post(f"{PEOPLE}add/", form | {"usable_password": "true"} | taken)
    assert answer.status_code == 200
    assert b"taken" in answer.content or b"already exists" in answer.content


def test_deactivating_ends_all_sessions_of_the_person(boss, learner, pair, security_log):
    assert boss.post(f"{PEOPLE}{learner.pk}/change/", form_of(learner)).status_code == 302
    assert call("GET", "me", token=pair["access_token"]).status_code == 401
    assert security_log()[-1] == f"deactivated user={learner.pk} by={User.objects.get(is_superuser=True).pk}"
    boss.post(f"{PEOPLE}{learner.pk}/change/", form_of(learner, is_active="on"))
    assert call("GET", "me", token=pair["access_token"]).status_code == 401


def test_other_changes_end_no_session(boss, learner, pair):
    boss.post(f"{PEOPLE}{learner.pk}/change/", form_of(learner, is_active="on", display_name="Ana"))
    answer = call("GET", "me", token=pair["access_token"])
    assert (answer.status_code, answer.json()["display_name"]) == (200, "Ana")


def test_people_cannot_be_deleted(boss, learner):
    assert boss.post(f"{PEOPLE}{learner.pk}/delete/", {"post": "yes"}).status_code == 403
    boss.post(PEOPLE, {"action": "delete_selected", "_selected_action": learner.pk, "post": "yes"})
    assert User.objects.filter(pk=learner.pk).exists()


def test_staff_cannot_give_permissions_that_they_lack(helper, learner):
    rights = {"is_active": "on", "is_staff": "on", "is_superuser": "on"}
    assert helper.post(f"{PEOPLE}{learner.pk}/change/", form_of(learner, **rights)).status_code == 302
    learner.refresh_from_db()
    assert (learner.is_staff, learner.is_superuser) == (False, False)


def test_only_superusers_may_change_superusers(helper, staff):
    form = {"password1": "a quite different horse", "password2": "a quite different horse", "usable_password": "true"}
    assert helper.post(f"{PEOPLE}{staff.pk}/password/", form).status_code == 403
    assert helper.post(f"{PEOPLE}{staff.pk}/change/", form_of(staff)).status_code == 403
    staff.refresh_from_db()
    assert (staff.is_active, staff.check_password(PASSWORD)) == (True, True)
