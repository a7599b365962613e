"""Each use of a key can be found: in the log, and as the time of its last use."""

from datetime import timedelta

import pytest
from django.utils import timezone

from skillquest.accounts.models import AuthSession
from skillquest.accounts.sessions import open_session
from skillquest.machines.models import ServerKey
from skillquest.machines.services import note_use, revoke_key
from tests.factories import LevelFactory, StaffFactory

from .keys import client_with, make_key, make_pupil

pytestmark = pytest.mark.django_db

LEVEL = "/api/v1/gamification/xp/level"


def uses(caplog):
    return [record.getMessage() for record in caplog.records if "server_key_used" in record.getMessage()]


def test_each_use_is_in_the_security_log(caplog):
    pupil = make_pupil()
    key, token = make_key(scopes=["read"])
    client_with(token, "pupil-1").get(LEVEL)
    client_with(token, "nobody").get(LEVEL)
    client_with(token, "pupil-1").post("/api/v1/gamification/streaks/update")
    route = "route=api/v1/gamification"
    assert uses(caplog) == [
        f"server_key_used user={pupil.pk} key={key.prefix} method=GET {route}/xp/level status=200",
        f"server_key_used user=- key={key.prefix} method=GET {route}/xp/level status=404",
        f"server_key_used user=- key={key.prefix} method=POST {route}/streaks/update status=403",
    ]


def test_a_request_with_an_idempotency_key_is_logged_once(caplog):
    make_pupil()
    _, token = make_key()
    result = {"level_id": LevelFactory().level_id, "score": 100}
    client_with(token, "pupil-1").post("/api/v1/levels/complete", result, headers={"Idempotency-Key": "k"})
    assert len(uses(caplog)) == 1


def test_a_refused_key_with_an_idempotency_key_is_logged_once(caplog):
    make_pupil()
    client_with("sq_live_wrong", "pupil-1").post("/api/v1/levels/complete", {}, headers={"Idempotency-Key": "k"})
    assert [record.getMessage() for record in caplog.records if record.name == "skillquest.security"] == [
        "server_key_refused user=- key=- reason=malformed"
    ]


def test_the_last_use_is_noted_once_a_minute(time_machine, django_assert_num_queries):
    time_machine.move_to("2030-01-01T12:00:00Z", tick=False)
    key, _ = make_key()
    first = timezone.now()
    note_use(key, first)
    assert ServerKey.objects.get().last_used_at == first
    key = ServerKey.objects.get()
    with django_assert_num_queries(0):
        note_use(key, first + timedelta(seconds=59))
    note_use(key, first + timedelta(seconds=60))
    assert ServerKey.objects.get().last_used_at == first + timedelta(seconds=60)


def test_of_two_uses_at_once_one_writes_the_time():
    key, _ = make_key()
    stale, at = ServerKey.objects.get(), timezone.now()
    note_use(key, at)
    note_use(stale, at - timedelta(seconds=5))
    assert ServerKey.objects.get().last_used_at == at


def test_tokens_of_a_key_end_with_it():
    pupil = make_pupil()
    key, _ = make_key()
    pair = open_session(user=pupil, at=timezone.now())
    AuthSession.objects.update(server_key=key)
    client = client_with(pair.access_token)
    assert client.get(LEVEL).status_code == 200
    revoke_key(key, actor=StaffFactory(), at=timezone.now())
    assert client.get(LEVEL).status_code == 401


def test_a_result_by_a_token_that_a_key_issued_is_not_verified():
    pupil = make_pupil()
    key, _ = make_key()
    pair = open_session(user=pupil, at=timezone.now())
    AuthSession.objects.update(server_key=key)
    result = {"level_id": LevelFactory().level_id, "score": 100}
    assert client_with(pair.access_token).post("/api/v1/levels/complete", result).json()["trust"] == "reported"


def test_a_request_costs_one_statement_more_than_with_a_token(sign_in, django_assert_num_queries):
    pupil = make_pupil()
    _, token = make_key()
    as_learner, as_server = sign_in(pupil), client_with(token, "pupil-1")
    as_server.get(LEVEL)  # notes the use
    with django_assert_num_queries(3):
        as_learner.get(LEVEL)
    with django_assert_num_queries(4):
        as_server.get(LEVEL)
