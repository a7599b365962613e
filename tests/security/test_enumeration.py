"""P17: neither an answer nor the work done for it reveals who has an account.

`benchmarks/enumeration.py` measures the response times with the real password hasher.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.http import urlencode

from skillquest.accounts import tokens
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.guests.devices import enter_as_guest
from skillquest.accounts.models import AuthSession, User
from skillquest.accounts.resets import token_for
from skillquest.accounts.services import change_account
from skillquest.accounts.sessions import open_session
from tests.factories import PASSWORD, StaffFactory, UserFactory

from .requester import contents

pytestmark = pytest.mark.django_db
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


# Headers that differ between any two requests: the request id, headers that depend on a body with it, and a time.
VARYING_HEADERS = {"X-Request-ID", "ETag", "Content-Length", "Expires"}


class CountingHasher(MD5PasswordHasher):
    calls = 0

    def encode(self, password, salt):
        type(self).calls += 1
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def _people(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    UserFactory(username="here", email="here@example.test")
    UserFactory(username="gone", email="gone@example.test", is_active=False)
    StaffFactory(username="boss", email="boss@example.test")
    without_password = UserFactory(username="bare", email="bare@example.test")
    without_password.set_unusable_password()
    without_password.save()


# Usernames and e-mail addresses are looked up differently, so each is compared with an unknown one of its kind.
UNKNOWN = {"name": ("none", PASSWORD), "address": ("none@example.test", PASSWORD)}
WRONG_CREDENTIALS = {
    "a wrong password": ("name", "here", "wrong"),
    "a wrong password, the name in another case": ("name", "HERE", "wrong"),
    "a superuser with a wrong password": ("name", "boss", "wrong"),
    "somebody deactivated": ("name", "gone", PASSWORD),
    "somebody deactivated with a wrong password": ("name", "gone", "wrong"),
    "somebody who has no password": ("name", "bare", PASSWORD),
    "a name that nobody can have": ("name", "né", PASSWORD),
    "a wrong password, by address": ("address", "here@example.test", "wrong"),
    "somebody deactivated, by address": ("address", "gone@example.test", PASSWORD),
    "an address that nobody can have": ("address", "@", PASSWORD),
}
SIGN_INS = {
    "the API": ("/api/v1/auth/login", "username", JSON),
    "the API by a form": ("/api/v1/auth/login", "username", FORM),
    "the page": ("/sign-in", "identifier", FORM),
    "the admin": ("/admin/login/", "username", FORM),
}


@dataclass(frozen=True)
class Observation:
    """Everything that a client can observe: the answer, and the work that determines its response time."""

    status: int
    headers: dict
    body: str
    hashes: int
    statements: list


def send(path, values, content_type=JSON, client=None):
    client = client or Client()
    body = json.dumps(values) if content_type == JSON else urlencode(values)
    return client.post(path, body, content_type=content_type)


def observe(path, values, content_type=JSON, *, typed=(), client=None):
    """`typed` are values that the form shows again; they are removed from the body."""
    CountingHasher.calls = 0
    with CaptureQueriesContext(connection) as queries:
        answer = send(path, values, content_type, client)
    body = re.sub(r'"request_id":"\w+"|name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    for text in typed:
        body = body.replace(f'value="{text}"', 'value="…"')
    headers = {name: value for name, value in answer.headers.items() if name not in VARYING_HEADERS}
    statements = [re.sub(r"""'[^']*'|\b\d+\b|"s\d+_x\d+\"""", "?", query["sql"]) for query in queries]
    return Observation(answer.status_code, headers, body, CountingHasher.calls, statements)


@pytest.mark.parametrize("sign_in", SIGN_INS)
@pytest.mark.parametrize("kind", WRONG_CREDENTIALS)
def test_all_refused_sign_ins_get_the_same_answer_with_the_same_work(sign_in, kind):
    (path, field, content_type), (way, *credentials), before = SIGN_INS[sign_in], WRONG_CREDENTIALS[kind], contents()
    refusals = [
        observe(path, {field: name, "password": password}, content_type, typed=[name])
        for name, password in (UNKNOWN[way], credentials)
    ]
    assert refusals[0] == refusals[1]
    assert (refusals[0].hashes, len(refusals[0].statements)) == (1, 1)
    assert contents() == before


@pytest.mark.parametrize("kind", WRONG_CREDENTIALS)
def test_a_guest_who_is_linked_with_wrong_credentials_learns_nothing(kind):
    guest = enter_as_guest(device_id=uuid4(), time_zone="UTC", at=timezone.now())
    client, (way, *credentials) = Client(HTTP_AUTHORIZATION=f"Bearer {guest.access_token}"), WRONG_CREDENTIALS[kind]
    before = contents()
    refusals = [
        observe("/api/v1/auth/link", {"identifier": name, "password": password}, client=client)
        for name, password in (UNKNOWN[way], credentials)
    ]
    assert refusals[0] == refusals[1]
    assert (refusals[0].status, refusals[0].hashes) == (401, 1)
    assert contents() == before


def test_the_admin_answers_a_learner_with_the_right_password_like_an_unknown_name():
    unknown, learner = (
        observe("/admin/login/", {"username": name, "password": PASSWORD}, FORM, typed=[name])
        for name in ("none", "here")
    )
    assert learner == unknown


@pytest.mark.parametrize("sign_in", SIGN_INS)
def test_a_name_is_locked_out_whether_or_not_it_has_an_account(settings, sign_in):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000/m")
    path, field, content_type = SIGN_INS[sign_in]
    with time_machine.travel(timezone.now(), tick=False):
        nobody, *somebody = (twelve_tries(path, {field: name, "password": "wrong"}, content_type) for name in NAMES)
    assert {answer.hashes for answer in nobody} == {1, 0}
    assert somebody == [nobody, nobody]


NAMES = ["none", "here", "gone"]


def twelve_tries(path, values, content_type):
    caches["ratelimits"].clear()
    return [observe(path, values, content_type, typed=NAMES) for _ in range(12)]


# --- Registration reveals only that a name or address is taken --------------------------------------------------------

NEW = {"username": "newcomer", "email": "new@example.test", "password": "a quite different horse"}


@pytest.mark.parametrize("path", ["/api/v1/auth/register", "/sign-up"])
@pytest.mark.parametrize("field", ["username", "email"])
def test_the_refusal_of_a_taken_name_does_not_depend_on_the_account(path, field):
    content_type = JSON if path.startswith("/api") else FORM
    refusals = []
    for holder in User.objects.order_by("pk"):
        taken = getattr(holder, field)
        refusals.append(observe(path, NEW | {field: taken}, content_type, typed=[taken, taken.upper()]))
        assert observe(path, NEW | {field: taken.upper()}, content_type, typed=[taken.upper()]) == refusals[0]
    assert refusals == [refusals[0]] * 4
    assert refusals[0].hashes == observe(path, NEW, content_type).hashes == 1


@pytest.mark.parametrize("taken", [{}, {"username": "here"}, {"email": "here@example.test"}])
def test_a_weak_password_is_refused_before_names_are_looked_up(taken):
    free, refused = (observe("/api/v1/auth/register", NEW | {"password": "password"} | names) for names in ({}, taken))
    assert refused == free
    assert (free.status, free.hashes, free.statements) == (400, 0, [])


# --- Tokens and passwords of deactivated people -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["refresh", "logout"])
def test_a_refresh_token_of_a_deactivated_user_is_answered_like_an_unknown_one(path):
    at, gone = timezone.now(), User.objects.get(username="gone")
    never = AuthSession(user=gone, expires_at=at + timedelta(days=1))
    User.objects.filter(pk=gone.pk).update(is_active=True)
    revoked, unknown = open_session(user=gone, at=at), tokens.issue_pair(never, at=at)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    answers = [observe(f"/api/v1/auth/{path}", {"refresh_token": pair.refresh_token}) for pair in (revoked, unknown)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("new", ["a quite different horse", "password"])
def test_a_wrong_old_password_costs_one_hash_and_hides_errors_of_the_new_one(new):
    client = Client()
    client.force_login(User.objects.get(username="here"))
    change = {"old_password": "wrong", "new_password": new}
    answer = observe("/api/v1/auth/password", change, client=client)
    assert (answer.status, answer.hashes) == (400, 1)
    assert '"errors":{"old_password":["This is not your password."]}' in answer.body


# --- Password resets --------------------------------------------------------------------------------------------------

EMAILS = ["here@example.test", "HERE@Example.test", "gone@example.test", "bare@example.test", "boss@example.test"]


@pytest.mark.parametrize(("path", "content_type"), [("/api/v1/auth/password/reset", JSON), ("/forgot-password", FORM)])
def test_requesting_a_reset_gets_the_same_answer_for_every_address(path, content_type):
    nobody, *somebody = (observe(path, {"email": email}, content_type) for email in ["none@example.test", *EMAILS])
    assert somebody == [nobody] * len(EMAILS)
    assert (nobody.status in {204, 302}, nobody.hashes, len(nobody.statements)) == (True, 0, 1)


@pytest.mark.parametrize("path", ["/api/v1/auth/password/reset", "/forgot-password"])
def test_reset_requests_over_the_limit_get_the_same_answer_for_every_address(settings, path):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000/m")
    content_type = JSON if path.startswith("/api") else FORM
    with time_machine.travel(timezone.now(), tick=False):
        nobody, somebody = (
            [observe(path, {"email": email}, content_type).__dict__ | {"headers": None} for _ in range(5)]
            for email in ("none@example.test", "here@example.test")
        )
    assert somebody == nobody


def test_a_reset_token_for_an_unknown_user_is_answered_like_a_wrong_one():
    here = User.objects.get(username="here")
    signature = token_for(here).partition("-")[2]
    wrong, nobody, gone = (f"{number}-{signature}" for number in (here.pk + 1, 987_654, 0))
    confirm = "/api/v1/auth/password/reset/confirm"
    answers = [
        observe(confirm, {"token": token, "new_password": "a quite different horse"}) for token in (wrong, nobody, gone)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert (answers[0].status, answers[0].hashes, len(answers[0].statements)) == (400, 0, 1)


@pytest.mark.parametrize("kind", ["unknown", "gone", "opted out", "erased"])
def test_hidden_progress_is_answered_like_that_of_an_unknown_learner(kind):
    client, other = Client(), UserFactory()
    client.force_login(User.objects.get(username="here"))
    if kind == "gone":
        other.is_active = False
        other.save()
    if kind == "opted out":
        change_account(user=other, changes={"leaderboard_opt_out": True}, at=timezone.now())
    if kind == "erased":
        erase_person(user_id=other.pk, at=timezone.now())
    answers = []
    for person in (987_654 if kind == "unknown" else other.pk, 999_999_999):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/api/v1/users/{person}/progress")
        body = answer.json() | {"request_id": None}
        answers.append((answer.status_code, body, len(queries)))
    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][1]["code"]) == (404, "learner_not_found")
