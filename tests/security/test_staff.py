"""People cannot use their permissions to gain more permissions."""

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from gamification.models import LedgerEntry
from tests.factories import PASSWORD, UserFactory
from tracking.models import Completion

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/accounts/user/"
NEW_PASSWORD = {
    "password1": "a quite different horse",
    "password2": "a quite different horse",
    "usable_password": "true",
}


@pytest.fixture
def editor_of_people(client):
    """Staff who may edit people, without other permissions."""
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client.force_login(person)
    return person


def form_of(person):
    return {"username": person.username, "email": "mine@example.test", "language": "en", "is_active": "on"}


def test_an_editor_of_people_cannot_change_other_staff(client, editor_of_people, world):
    """By changing the password or e-mail address of a steward, they could adjust XP."""
    for role in ("staff", "editor", "steward", "superuser"):
        colleague = world.people[role].user
        assert client.post(f"{PEOPLE}{colleague.pk}/password/", NEW_PASSWORD).status_code == 403
        assert client.post(f"{PEOPLE}{colleague.pk}/change/", form_of(colleague)).status_code == 403
        colleague.refresh_from_db()
        assert colleague.check_password(PASSWORD)
        assert colleague.email == f"{role}@example.test"


def test_an_editor_of_people_can_change_learners_and_themselves(client, editor_of_people, world):
    for person in (world.learner.user, editor_of_people):
        assert client.post(f"{PEOPLE}{person.pk}/change/", form_of(person)).status_code == 302
        person.refresh_from_db()
        assert person.email == "mine@example.test"
        person.email = f"{person.username}@example.test"
        person.save()


def test_people_cannot_give_themselves_permissions(client, editor_of_people):
    form = form_of(editor_of_people) | {"is_staff": "on", "is_superuser": "on", "groups": "1", "user_permissions": "1"}
    rights = editor_of_people.get_all_permissions()
    assert client.post(f"{PEOPLE}{editor_of_people.pk}/change/", form).status_code == 302
    editor_of_people = type(editor_of_people).objects.get(pk=editor_of_people.pk)
    assert (editor_of_people.is_superuser, editor_of_people.get_all_permissions()) == (False, rights)


def test_people_cannot_release_their_own_completions(client, world):
    held = Completion.objects.get(held=True)
    entries_before = LedgerEntry.objects.count()
    rights = Permission.objects.filter(codename__in=["decide_held_results", "view_completion"])
    held.learner.user_permissions.set(rights)
    type(held.learner).objects.filter(pk=held.learner_id).update(is_staff=True)
    client.force_login(held.learner)
    release = {"action": "release", "_selected_action": held.pk}
    assert client.post("/admin/tracking/completion/", release).status_code == 302
    held.refresh_from_db()
    assert (held.held, LedgerEntry.objects.count()) == (True, entries_before)


# --- API, page and admin share the rate limits of sign-ins ------------------------------------------------------------

SIGN_INS = {"/api/v1/auth/login": "username", "/sign-in": "identifier", "/admin/login/": "username"}


@pytest.fixture
def _three_attempts(settings, time_machine):
    """In frozen time, because an hour may end within a test."""
    time_machine.move_to(timezone.now(), tick=False)
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "3/h", "sign_in": "3/h"}


def sign_in(client, path, name, address):
    form = {SIGN_INS[path]: name, "password": PASSWORD}
    content_type = {"content_type": "application/json"} if path.startswith("/api") else {}
    return client.post(path, form, REMOTE_ADDR=address, **content_type).status_code


@pytest.mark.usefixtures("_three_attempts")
@pytest.mark.parametrize("first", SIGN_INS)
@pytest.mark.parametrize("last", SIGN_INS)
def test_sign_ins_from_one_address_share_a_limit(client, first, last):
    assert 429 not in {sign_in(client, first, f"nobody{number}", "203.0.113.1") for number in range(3)}
    assert sign_in(client, last, "somebody", "203.0.113.1") == 429


@pytest.mark.usefixtures("_three_attempts")
@pytest.mark.parametrize("first", SIGN_INS)
@pytest.mark.parametrize("last", SIGN_INS)
def test_sign_ins_with_one_name_share_a_limit(client, first, last):
    UserFactory(username="ana")
    assert 429 not in {sign_in(client, first, "nobody", f"203.0.113.{number}") for number in range(3)}
    assert sign_in(client, last, "Nobody", "203.0.113.9") == 429
    assert sign_in(client, last, "ana", "203.0.113.10") != 429
