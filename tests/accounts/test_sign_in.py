from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher

from skillquest.accounts.models import AuthSession
from tests.accounts.api_calls import INVALID_CREDENTIALS, call, field_errors, problem
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sign_in(username, password=PASSWORD, **headers):
    return call("POST", "login", {"username": username, "password": password}, **headers)


@pytest.fixture
def ana():
    return UserFactory(username="Ana", email="Ana@example.test")


@pytest.mark.parametrize("name", ["Ana", "ana", "ANA@EXAMPLE.TEST", "ana@example.test", " Ana "])
def test_name_or_email_in_any_case_opens_a_session(ana, name):
    answer = sign_in(name)
    body = answer.json()
    assert answer.status_code == 200
    assert body == {
        "success": True,
        "access_token": body["access_token"],
        "refresh_token": body["refresh_token"],
        "token_type": "bearer",
    }
    assert answer["Cache-Control"] == "no-store"
    assert call("GET", "me", token=body["access_token"]).json()["username"] == "Ana"


def test_form_data_is_accepted(api, ana):
    body = urlencode({"username": "Ana", "password": PASSWORD})
    answer = api.post("/api/v1/auth/login", body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, set(answer.json())) == (
        200,
        {"success", "access_token", "refresh_token", "token_type"},
    )


@time_machine.travel(NOON, tick=False)
def test_a_sign_in_is_remembered(ana):
    sign_in("Ana")
    ana.refresh_from_db()
    assert ana.last_login == NOON
    assert AuthSession.objects.values("user", "created_at", "ended_at").get() == {
        "user": ana.pk,
        "created_at": NOON,
        "ended_at": None,
    }


def test_expired_sessions_are_deleted_at_the_next_sign_in(ana):
    with time_machine.travel("2026-03-01"):
        sign_in("Ana")
    with time_machine.travel("2026-03-09"):
        sign_in("Ana")
    assert AuthSession.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "password"),
    [("Ana", "wrong"), ("nobody", PASSWORD), ("nobody@example.test", PASSWORD), ("gone", PASSWORD), ("é", PASSWORD)],
)
def test_every_refusal_looks_the_same(ana, name, password):
    UserFactory(username="gone", is_active=False)
    answer = sign_in(name, password)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert problem(answer) == INVALID_CREDENTIALS
    assert AuthSession.objects.count() == 0


def test_people_without_an_email_address_do_not_share_the_empty_one():
    UserFactory(username="one", email="")
    UserFactory(username="two", email="")
    assert sign_in("@").status_code == 401


@pytest.mark.parametrize("missing", ["username", "password"])
def test_both_fields_are_required(missing):
    body = {"username": "Ana", "password": PASSWORD}
    del body[missing]
    answer = call("POST", "login", body)
    assert answer.status_code == 400
    assert problem(answer) == field_errors(**{missing: ["This field is required."]})


def test_other_content_types_are_refused(api, ana):
    answer = api.post("/api/v1/auth/login", f"username=Ana&password={PASSWORD}", content_type="text/plain")
    assert answer.status_code == 415


class CountingHasher(MD5PasswordHasher):
    hashes = []

    def encode(self, password, salt):
        self.hashes.append(salt)
        return super().encode(password, salt)


@pytest.mark.parametrize(
    ("name", "password"), [("Ana", PASSWORD), ("Ana", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD)]
)
def test_every_attempt_computes_one_password_hash(ana, settings, name, password):
    UserFactory(username="gone", is_active=False)
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    CountingHasher.hashes.clear()
    sign_in(name, password)
    assert len(CountingHasher.hashes) == 1


def test_known_and_unknown_names_cost_the_same_statements(ana, django_assert_num_queries):
    for name in ("Ana", "nobody"):
        with django_assert_num_queries(1):
            sign_in(name, "wrong")


def test_the_security_log_names_nobody(ana, security_log):
    sign_in("Ana")
    sign_in("Ana", "wrong")
    sign_in("nobody", "wrong")
    assert security_log() == [f"sign_in user={ana.pk}", f"sign_in_refused user={ana.pk}", "sign_in_refused user=-"]
