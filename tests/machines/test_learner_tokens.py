"""POST learners/{external_id}/token, and what the token may do."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone
from rest_framework.test import APIClient

from skillquest.accounts.models import AuthSession, User
from tests.factories import PASSWORD, LevelFactory, UserFactory
from tracking.models import Completion

from .keys import client_with, make_pupil
from .learner_calls import FULL, Server, problem

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ME = "/api/v1/auth/me"


@pytest.fixture
def server():
    server = Server()
    server.put(**FULL)
    return server


def device_of(server, external_id="pupil-1"):
    """The learner's device, with a token that its server asked for."""
    return client_with(server.token(external_id).json()["access_token"])


def pupil():
    return User.objects.get(external_id="pupil-1")


@time_machine.travel(AT, tick=False)
def test_the_answer_is_an_access_token_without_a_refresh_token(server):
    answer = server.token(ttl=600)
    assert answer.status_code == 201
    assert answer.json().keys() == {"success", "access_token", "token_type", "expires_at"}
    assert (answer.json()["token_type"], answer.json()["expires_at"]) == ("bearer", "2026-03-01T12:10:00Z")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("fields", "lives"), [({}, 900), ({"ttl": 60}, 60), ({"ttl": 3600}, 3600)])
def test_the_token_expires_in_time(server, fields, lives):
    with time_machine.travel(AT, tick=False) as clock:
        device = client_with(server.token(**fields).json()["access_token"])
        clock.shift(timedelta(seconds=lives - 1))
        assert device.get(ME).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert problem(device.get(ME))[:2] == (401, "token_expired")


@pytest.mark.parametrize("ttl", [0, 59, 3601, -900, "900", None, 900.5, True])
def test_an_invalid_lifetime_is_refused(server, ttl):
    status, _, errors = problem(server.token(ttl=ttl))
    assert (status, list(errors)) == (400, ["ttl"])
    assert not AuthSession.objects.exists()


def test_what_the_device_reports_has_the_trust_of_a_client(server):
    level, device = LevelFactory(), device_of(server)
    answer = device.post("/api/v1/levels/complete", {"level_id": level.level_id, "score": 850, "time_spent": 300})
    completion = Completion.objects.get()
    assert (answer.status_code, answer.json()["trust"]) == (200, "reported")
    assert (completion.learner_id, completion.trust, completion.server_key) == (pupil().pk, "reported", "")


def test_the_limits_hold_for_the_device(server):
    level, device = LevelFactory(metadata={"min_seconds": 60}), device_of(server)
    answer = device.post("/api/v1/levels/complete", {"level_id": level.level_id, "score": 850, "time_spent": 1})
    assert answer.json()["held"] is True


def test_the_token_ends_with_the_key(server):
    device = device_of(server)
    server.key.revoked_at = timezone.now()
    server.key.save()
    assert problem(device.get(ME))[:2] == (401, "invalid_token")


def test_the_token_ends_with_the_account(server):
    device = device_of(server)
    server.delete()
    assert problem(device.get(ME))[:2] == (401, "invalid_token")


def test_the_token_ends_when_staff_deactivate_the_account(server):
    device = device_of(server)
    User.objects.filter(pk=pupil().pk).update(is_active=False)
    assert problem(device.get(ME))[:2] == (401, "invalid_token")


@pytest.mark.parametrize("rights", ["is_staff", "is_superuser"])
def test_the_token_ends_when_the_person_becomes_staff(server, rights):
    device = device_of(server)
    User.objects.filter(pk=pupil().pk).update(**{rights: True})
    assert problem(device.get(ME))[:2] == (401, "invalid_token")


def test_the_token_ends_when_the_person_gets_a_permission(server):
    device = device_of(server)
    pupil().user_permissions.add(Permission.objects.get(codename="award_xp"))
    assert problem(device.get(ME))[:2] == (401, "invalid_token")


def test_a_key_issues_no_token_for_an_account_with_rights(server):
    pupil().user_permissions.add(Permission.objects.get(codename="award_xp"))
    UserFactory(external_id="boss", is_staff=True)
    for external_id in ("pupil-1", "boss"):
        assert problem(server.token(external_id))[:2] == (404, "learner_not_found")


def test_a_test_key_issues_tokens_for_test_learners_only(server):
    trial = Server(mode="test")
    trial.put("trial")
    assert trial.token("trial").status_code == 201
    assert problem(trial.token())[:2] == problem(server.token("trial"))[:2] == (404, "learner_not_found")


def test_a_deactivated_learner_gets_no_token(server):
    User.objects.filter(pk=pupil().pk).update(is_active=False)
    assert problem(server.token())[:2] == (409, "learner_deactivated")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "auth/password", {"old_password": "x", "new_password": "another horse entirely"}),
        ("get", "auth/me/export", None),
        ("delete", "auth/me", {"password": "x"}),
    ],
)
@pytest.mark.parametrize("claimed", [False, True])
def test_the_token_does_not_do_what_takes_a_sign_in_of_the_person(server, method, path, body, claimed):
    if claimed:
        person = pupil()
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    answer = getattr(device_of(server), method)(f"/api/v1/{path}", body, format="json")
    assert problem(answer) == (403, "own_sign_in_needed", {})
    assert pupil().is_active


def test_the_device_does_not_see_how_the_person_signs_in(server):
    answer = device_of(server).get(ME).json()
    assert (answer["username"], answer["email"], answer["display_name"]) == ("", "", "Ana")


def test_the_device_changes_settings_until_the_account_is_claimed(server):
    answer = device_of(server).patch(ME, {"leaderboard_opt_out": True}, format="json")
    assert (answer.status_code, answer.json()["leaderboard_opt_out"]) == (200, True)
    assert (answer.json()["username"], answer.json()["email"]) == ("", "")
    person = pupil()
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    refused = device_of(server).patch(ME, {"display_name": "Other"}, format="json")
    assert problem(refused) == (403, "own_sign_in_needed", {})
    assert pupil().display_name == "Ana"


def test_the_token_opens_no_pages(server):
    token = server.token().json()["access_token"]
    answer = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}").get("/dashboard")
    assert (answer.status_code, answer.url) == (302, "/sign-in?next=/dashboard")


def test_sessions_that_have_expired_are_deleted(server):
    with time_machine.travel(AT, tick=False) as clock:
        for _ in range(3):
            server.token()
        clock.shift(timedelta(seconds=901))
        server.token()
    assert AuthSession.objects.filter(user=pupil()).count() == 1


def test_the_person_can_end_tokens_by_signing_out_everywhere(server, sign_in):
    person = make_pupil("claimed")
    device = device_of(server, "claimed")
    tokens = APIClient().post("/api/v1/auth/login", {"username": person.username, "password": PASSWORD}).json()
    body = {"refresh_token": tokens["refresh_token"], "everywhere": True}
    assert APIClient().post("/api/v1/auth/logout", body, format="json").status_code == 204
    assert problem(device.get(ME))[:2] == (401, "invalid_token")
