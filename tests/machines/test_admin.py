"""The page Server keys: a secret is shown once and kept nowhere."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from gamification.models import LedgerEntry
from skillquest.accounts.models import BrowserSession
from skillquest.machines.key_tokens import TOKEN, read_token
from skillquest.machines.models import ServerKey
from tests.factories import StaffFactory

from .keys import client_with, make_key, make_pupil

pytestmark = pytest.mark.django_db

ADD = "/admin/machines/serverkey/add/"
FORM = {"name": "School server", "scopes": ["track", "read"], "mode": "live", "networks": ""}
LEVEL = "/api/v1/gamification/xp/level"


@pytest.fixture
def integrator(client):
    """Signed in: a member of the group Integrator."""
    person = StaffFactory(is_superuser=False)
    person.groups.add(Group.objects.get(name="Integrator"))
    client.force_login(person)
    client.person = person
    return client


def secrets_in(answer):
    return [match[0] for match in TOKEN.finditer(answer.content.decode())]


def page(key, name=""):
    return f"/admin/machines/serverkey/{key.pk}/{name}"


def test_the_key_is_shown_once_after_it_is_created(integrator):
    make_pupil()
    answer = integrator.post(ADD, FORM)
    [token] = secrets_in(answer)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert client_with(token, "pupil-1").get(LEVEL).status_code == 200
    key = ServerKey.objects.get()
    for path in (page(key, "change/"), page(key, "history/"), "/admin/machines/serverkey/", "/admin/"):
        assert secrets_in(integrator.get(path, follow=True)) == []


def test_the_secret_is_kept_nowhere(integrator, caplog):
    [token] = secrets_in(integrator.post(ADD, FORM))
    secret = token[17:]
    [key], [change] = ServerKey.objects.values(), ServerKey.history.values()
    kept = f"{key} {change} {list(LogEntry.objects.values())} {list(BrowserSession.objects.values())} {caplog.text}"
    assert secret not in kept
    assert key["secret_hash"] == read_token(token).hash
    assert not {name for name in change if "hash" in name}
    assert key["secret_hash"] not in f"{change} {list(LogEntry.objects.values())} {caplog.text}"
    sessions = [str(row.get_decoded()) for row in BrowserSession.objects.all()]
    assert all(secret not in data for data in sessions)


def test_creation_rotation_and_revocation_are_in_the_security_log(integrator, caplog):
    integrator.post(ADD, FORM)
    key = ServerKey.objects.get()
    integrator.post(page(key, "rotate/"), {"hours": 1})
    new = ServerKey.objects.exclude(pk=key.pk).get()
    integrator.post(page(key, "revoke/"))
    by = integrator.person.pk
    for line in (
        f"server_key_created user={by} key={key.prefix} scopes=track,read",
        f"server_key_rotated user={by} key={key.prefix} new_key={new.prefix}",
        f"server_key_revoked user={by} key={key.prefix}",
    ):
        assert line in caplog.text


def test_rotating_makes_a_second_key_like_the_first(integrator):
    key, _ = make_key(scopes=["read"], networks="192.0.2.0/24")
    [token] = secrets_in(integrator.post(page(key, "rotate/"), {"hours": 2}))
    new = ServerKey.objects.get(prefix=token[:16])
    same = ["name", "scopes", "mode", "networks", "family"]
    assert [getattr(new, name) for name in same] == [getattr(key, name) for name in same]
    key.refresh_from_db()
    assert timedelta(hours=1.9) < key.expires_at - timezone.now() <= timedelta(hours=2)


def test_no_third_key_of_a_family_is_made(integrator):
    key, _ = make_key(scopes=["read"])
    integrator.post(page(key, "rotate/"), {"hours": 2})
    answer = integrator.post(page(key, "rotate/"), {"hours": 2})
    assert "no other of its family" in answer.content.decode()
    assert ServerKey.objects.count() == 2


def test_rotating_at_once_ends_the_first_key(integrator):
    make_pupil()
    key, old = make_key(scopes=["read"])
    [new] = secrets_in(integrator.post(page(key, "rotate/"), {"hours": 0}))
    assert [client_with(token, "pupil-1").get(LEVEL).status_code for token in (old, new)] == [401, 200]


def test_a_revoked_key_is_refused_at_once_and_cannot_be_rotated(integrator):
    make_pupil()
    key, token = make_key(scopes=["read"])
    assert integrator.post(page(key, "revoke/")).status_code == 302
    assert client_with(token, "pupil-1").get(LEVEL).status_code == 401
    assert "Only a key that is accepted" in integrator.post(page(key, "rotate/"), {"hours": 1}).content.decode()


def test_a_second_click_creates_no_second_key(integrator):
    integrator.post(ADD, FORM)
    answer = integrator.post(ADD, FORM)
    assert "with this name is accepted already" in answer.content.decode()
    assert ServerKey.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"scopes": []}, "This field is required."),
        ({"scopes": ["everything"]}, "not one of the available choices"),
        ({"networks": "10.0.0.0/8\nexample.org"}, "is not an IP address or a network"),
        ({"networks": "10.0.0.1/8"}, "is not an IP address or a network"),
        ({"expires_at_0": "2020-01-01", "expires_at_1": "00:00"}, "Choose a time in the future."),
        ({"mode": "both"}, "not one of the available choices"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(integrator, wrong, why):
    assert why in integrator.post(ADD, FORM | wrong).content.decode()
    assert not ServerKey.objects.exists()


def test_whoever_may_not_adjust_xp_gives_no_key_that_may(integrator):
    answer = integrator.post(ADD, FORM | {"scopes": ["award"]})
    assert "you may not adjust XP yourself" in answer.content.decode()
    key, _ = make_key(scopes=["award"])
    assert integrator.post(page(key, "rotate/"), {"hours": 1}).status_code == 403
    integrator.person.user_permissions.add(Permission.objects.get(codename="award_xp"))
    assert secrets_in(integrator.post(ADD, FORM | {"scopes": ["award"]}))


def test_scopes_mode_and_expiry_cannot_be_changed_later(integrator):
    key, _ = make_key(scopes=["read"])
    integrator.post(page(key, "change/"), FORM | {"name": "Renamed", "scopes": ["award"], "mode": "test"})
    key.refresh_from_db()
    assert (key.name, key.scopes, key.mode, key.expires_at) == ("Renamed", ["read"], "live", None)


@pytest.mark.parametrize("name", ["rotate/", "revoke/"])
def test_whoever_may_only_view_keys_changes_none(client, name):
    person = StaffFactory(is_superuser=False)
    person.user_permissions.add(Permission.objects.get(codename="view_serverkey"))
    client.force_login(person)
    key, _ = make_key()
    assert client.get("/admin/machines/serverkey/").status_code == 200
    assert client.post(page(key, name), {"hours": 1}).status_code == 403
    assert client.post(ADD, FORM).status_code == 403


def test_a_key_does_not_open_the_admin_or_a_page(client):
    make_pupil()
    _, token = make_key()
    headers = {"authorization": f"Bearer {token}", "skillquest-learner": "pupil-1"}
    for path in ("/admin/", "/admin/machines/serverkey/", "/dashboard", "/profile"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 302, path
        assert re.search("sign-in|login", answer["Location"])
    assert not LedgerEntry.objects.exists()
