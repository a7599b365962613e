"""POST auth/guest."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from gamification.models import LearnerProfile
from skillquest.accounts.guests.devices import enter_as_guest, hash_of
from skillquest.accounts.models import GuestDevice, User
from tests.accounts.api_calls import call, field_errors, problem
from tests.factories import LevelFactory, StaffFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def enter(device_id=None, **more):
    return call("POST", "guest", {"device_id": device_id or str(uuid4()), **more})


def guest_of(answer):
    me = call("GET", "me", token=answer.json()["access_token"]).json()
    return User.objects.get(pk=me["id"])


def test_a_device_gets_tokens_of_a_guest():
    answer = enter(time_zone="Asia/Jakarta")
    body = answer.json()
    assert answer.status_code == 201
    assert set(body) == {"success", "access_token", "refresh_token", "token_type", "guest"}
    assert (body["token_type"], body["guest"]) == ("bearer", True)
    profile = guest_of(answer).profile
    assert (profile.kind, profile.listed, profile.time_zone) == ("guest", False, "Asia/Jakarta")


def test_the_same_device_gets_the_same_guest_in_any_spelling():
    device_id = str(uuid4())
    guests = {guest_of(enter(spelling)).pk for spelling in (device_id, device_id.upper(), device_id)}
    assert len(guests) == 1
    assert guest_of(enter()).pk not in guests


def test_only_a_hash_of_the_device_id_is_kept():
    device_id = uuid4()
    enter(str(device_id))
    assert GuestDevice.objects.get().device_hash == hash_of(device_id)
    assert str(device_id) not in hash_of(device_id)


@pytest.mark.parametrize("device_id", ["", "x", 5, None, "0" * 32, "f" * 32, "00000000-0000-0000-0000-000000000000"])
def test_what_is_no_random_id_is_refused(device_id):
    answer = call("POST", "guest", {"device_id": device_id})
    assert answer.status_code == 400
    assert "device_id" in answer.json()["errors"]
    assert not GuestDevice.objects.exists()


def test_an_unknown_time_zone_is_refused():
    answer = enter(time_zone="Mars/Olympus")
    assert problem(answer) == field_errors(time_zone=["This is not an IANA time zone, such as Asia/Jakarta."])


@pytest.mark.django_db(transaction=True)
def test_parallel_calls_of_one_device_make_one_guest():
    device_id, at = uuid4(), timezone.now()
    calls = [lambda: enter_as_guest(device_id=device_id, time_zone="UTC", at=at)] * 6
    assert len(set(at_once(calls))) == 6
    assert User.objects.filter(profile__kind="guest").count() == GuestDevice.objects.count() == 1


def test_a_guest_plays_and_stands_on_no_board():
    LevelFactory(level_id="one")
    token = enter().json()["access_token"]
    api = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
    done = api.post("/api/v1/levels/complete", {"level_id": "one", "score": 900, "time_spent": 60}, format="json")
    assert done.json()["awarded_xp"] == 19
    board = api.get("/api/v1/gamification/leaderboard/xp_all_time").json()
    assert (board["total"], board["entries"], board["me"]) == (0, [], None)


def test_a_guest_has_no_way_to_a_password():
    answer = enter()
    guest, token = guest_of(answer), answer.json()["access_token"]
    change = {"old_password": "", "new_password": "another horse entirely"}
    for old in ("x", guest.username):
        assert call("POST", "password", change | {"old_password": old}, token=token).status_code == 400
    for password in ("!", guest.password, "x"):
        assert call("POST", "login", {"username": guest.username, "password": password}).status_code == 401
    guest.refresh_from_db()
    assert not guest.has_usable_password()
    assert (guest.email, guest.is_staff, guest.is_superuser) == ("", False, False)


def test_staff_cannot_give_a_guest_a_password_or_rights(client):
    guest = guest_of(enter())
    client.force_login(StaffFactory())
    change = client.post(f"/admin/accounts/user/{guest.pk}/change/", {"username": guest.username, "is_staff": "on"})
    password = client.post(
        f"/admin/accounts/user/{guest.pk}/password/", {"password1": "a b c d", "password2": "a b c d"}
    )
    assert (change.status_code, password.status_code) == (403, 403)


@pytest.mark.usefixtures("_limits_are_on")
def test_a_classroom_begins_at_once_and_then_waits(settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign_in": "3/m", "auth": "1/m"}
    assert [enter().status_code for _ in range(4)] == [201, 201, 201, 429]


class TestSweep:
    def swept(self):
        out = StringIO()
        call_command("sweep_guests", stdout=out)
        return out.getvalue().strip()

    def test_erases_guests_who_were_idle_for_too_long(self, time_machine):
        now = timezone.now()
        time_machine.move_to(now, tick=False)
        idle_id, back_id = str(uuid4()), str(uuid4())
        idle, back = guest_of(enter(idle_id)), guest_of(enter(back_id))
        time_machine.move_to(now + 60 * DAY, tick=False)
        enter(back_id)
        time_machine.move_to(now + 91 * DAY, tick=False)
        assert self.swept() == "1 guests erased."
        assert LearnerProfile.objects.get(pk=idle.pk).erased_at == timezone.now()
        assert LearnerProfile.objects.get(pk=back.pk).erased_at is None
        assert self.swept() == "0 guests erased."
        assert guest_of(enter(idle_id)).pk != idle.pk
        assert guest_of(enter(back_id)).pk == back.pk

    def test_leaves_accounts_alone(self, learner, time_machine):
        time_machine.move_to(timezone.now() + 1000 * DAY, tick=False)
        assert self.swept() == "0 guests erased."
        assert LearnerProfile.objects.get(pk=learner.pk).erased_at is None

    def test_a_refreshed_token_is_a_sign_of_life(self, time_machine):
        now = timezone.now()
        time_machine.move_to(now, tick=False)
        answer = enter()
        token = answer.json()["refresh_token"]
        for day in range(6, 100, 6):
            time_machine.move_to(now + day * DAY, tick=False)
            token = call("POST", "refresh", {"refresh_token": token}).json()["refresh_token"]
        assert self.swept() == "0 guests erased."
