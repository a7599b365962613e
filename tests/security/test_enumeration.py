"""P17: nobody learns from an answer, or from the work behind it, who has an account here.

`benchmarks/enumeration.py` measures the same with a clock and the real hasher.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta

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
from skillquest.accounts.models import AuthSession, User
from skillquest.accounts.resets import token_for
from skillquest.accounts.services import change_account
from skillquest.accounts.sessions import open_session
from tests.factories import PASSWORD, StaffFactory, UserFactory

from .asking import contents

pytestmark = pytest.mark.django_db
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


# The request's number, the hash and the length of a body that says it, and a clock.
BY_CHANCE = {"X-Request-ID", "ETag", "Content-Length", "Expires"}


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


# Who knocks, and with what. An address is looked up in another way than a name, so each has a stranger for a measure.
STRANGER = {"name": ("none", PASSWORD), "address": ("none@example.test", PASSWORD)}
REFUSED = {
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
DOORS = {
    "the API": ("/api/v1/auth/login", "username", JSON),
    "the API by a form": ("/api/v1/auth/login", "username", FORM),
    "the page": ("/sign-in", "identifier", FORM),
    "the admin": ("/admin/login/", "username", FORM),
}


@dataclass(frozen=True)
class Told:
    """All that can be seen from outside, and the work that can be felt."""

    status: int
    headers: dict
    body: str
    hashes: int
    statements: list


def send(path, values, content_type=JSON, client=None):
    client = client or Client()
    body = json.dumps(values) if content_type == JSON else urlencode(values)
    return client.post(path, body, content_type=content_type)


def tell(path, values, content_type=JSON, *, typed=(), client=None):
    """`typed` are the words that a form shows again to whoever typed them."""
    CountingHasher.calls = 0
    with CaptureQueriesContext(connection) as queries:
        answer = send(path, values, content_type, client)
    body = re.sub(r'"request_id":"\w+"|name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    for word in typed:
        body = body.replace(f'value="{word}"', 'value="…"')
    headers = {name: value for name, value in answer.headers.items() if name not in BY_CHANCE}
    statements = [re.sub(r"""'[^']*'|\b\d+\b|"s\d+_x\d+\"""", "?", query["sql"]) for query in queries]
    return Told(answer.status_code, headers, body, CountingHasher.calls, statements)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", REFUSED)
def test_every_refusal_at_a_door_is_the_same(door, kind):
    (path, field, content_type), (way, *somebody), before = DOORS[door], REFUSED[kind], contents()
    refusals = [
        tell(path, {field: name, "password": password}, content_type, typed=[name])
        for name, password in (STRANGER[way], somebody)
    ]
    assert refusals[0] == refusals[1]
    assert (refusals[0].hashes, len(refusals[0].statements)) == (1, 1)
    assert contents() == before


def test_a_learner_with_the_right_password_is_a_stranger_to_the_admin():
    stranger, learner = (
        tell("/admin/login/", {"username": name, "password": PASSWORD}, FORM, typed=[name]) for name in ("none", "here")
    )
    assert learner == stranger


@pytest.mark.parametrize("door", DOORS)
def test_a_name_is_locked_whether_or_not_anybody_has_it(settings, door):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000/m")
    path, field, content_type = DOORS[door]
    with time_machine.travel(timezone.now(), tick=False):
        nobody, *somebody = (twelve_tries(path, {field: name, "password": "wrong"}, content_type) for name in NAMES)
    assert {answer.hashes for answer in nobody} == {1, 0}
    assert somebody == [nobody, nobody]


NAMES = ["none", "here", "gone"]


def twelve_tries(path, values, content_type):
    caches["ratelimits"].clear()
    return [tell(path, values, content_type, typed=NAMES) for _ in range(12)]


# --- Making an account says which names are taken (SPEC 3.1), and no more ---------------------------------------------

NEW = {"username": "newcomer", "email": "new@example.test", "password": "a quite different horse"}


@pytest.mark.parametrize("path", ["/api/v1/auth/register", "/sign-up"])
@pytest.mark.parametrize("field", ["username", "email"])
def test_a_taken_name_says_nothing_of_who_has_it(path, field):
    content_type = JSON if path.startswith("/api") else FORM
    refusals = []
    for holder in User.objects.order_by("pk"):
        taken = getattr(holder, field)
        refusals.append(tell(path, NEW | {field: taken}, content_type, typed=[taken, taken.upper()]))
        assert tell(path, NEW | {field: taken.upper()}, content_type, typed=[taken.upper()]) == refusals[0]
    assert refusals == [refusals[0]] * 4
    assert refusals[0].hashes == tell(path, NEW, content_type).hashes == 1


@pytest.mark.parametrize("taken", [{}, {"username": "here"}, {"email": "here@example.test"}])
def test_a_weak_password_is_refused_before_anybody_is_looked_for(taken):
    free, refused = (tell("/api/v1/auth/register", NEW | {"password": "password"} | names) for names in ({}, taken))
    assert refused == free
    assert (free.status, free.hashes, free.statements) == (400, 0, [])


# --- Tokens and passwords of people who are gone ----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["refresh", "logout"])
def test_a_refresh_token_of_somebody_who_is_gone_is_like_one_that_was_never_given_out(path):
    at, gone = timezone.now(), User.objects.get(username="gone")
    never = AuthSession(user=gone, expires_at=at + timedelta(days=1))
    User.objects.filter(pk=gone.pk).update(is_active=True)
    dead, unknown = open_session(user=gone, at=at), tokens.issue_pair(never, at=at)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    answers = [tell(f"/api/v1/auth/{path}", {"refresh_token": pair.refresh_token}) for pair in (dead, unknown)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("new", ["a quite different horse", "password"])
def test_a_wrong_old_password_costs_one_hash_and_tells_nothing_of_the_new_one(new):
    client = Client()
    client.force_login(User.objects.get(username="here"))
    change = {"old_password": "wrong", "new_password": new}
    answer = tell("/api/v1/auth/password", change, client=client)
    assert (answer.status, answer.hashes) == (400, 1)
    assert '"errors":{"old_password":["This is not your password."]}' in answer.body


# --- A forgotten password ---------------------------------------------------------------------------------------------

ASKED_FOR = ["here@example.test", "HERE@Example.test", "gone@example.test", "bare@example.test", "boss@example.test"]


@pytest.mark.parametrize(("path", "content_type"), [("/api/v1/auth/password/reset", JSON), ("/forgot-password", FORM)])
def test_asking_for_a_new_password_is_the_same_for_everybody_and_nobody(path, content_type):
    nobody, *somebody = (tell(path, {"email": email}, content_type) for email in ["none@example.test", *ASKED_FOR])
    assert somebody == [nobody] * len(ASKED_FOR)
    assert (nobody.status in {204, 302}, nobody.hashes, len(nobody.statements)) == (True, 0, 1)


@pytest.mark.parametrize("path", ["/api/v1/auth/password/reset", "/forgot-password"])
def test_so_it_is_where_many_were_sent_already(settings, path):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000/m")
    content_type = JSON if path.startswith("/api") else FORM
    with time_machine.travel(timezone.now(), tick=False):
        nobody, somebody = (
            [tell(path, {"email": email}, content_type).__dict__ | {"headers": None} for _ in range(5)]
            for email in ("none@example.test", "here@example.test")
        )
    assert somebody == nobody


def test_a_token_for_nobody_is_like_a_wrong_one():
    here = User.objects.get(username="here")
    signature = token_for(here).partition("-")[2]
    wrong, nobody, gone = (f"{number}-{signature}" for number in (here.pk + 1, 987_654, 0))
    confirm = "/api/v1/auth/password/reset/confirm"
    told = [
        tell(confirm, {"token": token, "new_password": "a quite different horse"}) for token in (wrong, nobody, gone)
    ]
    assert told[0] == told[1] == told[2]
    assert (told[0].status, told[0].hashes, len(told[0].statements)) == (400, 0, 1)


@pytest.mark.parametrize("kind", ["unknown", "gone", "opted out", "erased"])
def test_whose_progress_may_not_be_seen_is_nobody(kind):
    client, other = Client(), UserFactory()
    client.force_login(User.objects.get(username="here"))
    if kind == "gone":
        other.is_active = False
        other.save()
    if kind == "opted out":
        change_account(user=other, changes={"leaderboard_opt_out": True}, at=timezone.now())
    if kind == "erased":
        erase_person(user_id=other.pk, at=timezone.now())
    told = []
    for person in (987_654 if kind == "unknown" else other.pk, 999_999_999):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/api/v1/users/{person}/progress")
        body = answer.json() | {"request_id": None}
        told.append((answer.status_code, body, len(queries)))
    assert told[0] == told[1]
    assert (told[0][0], told[0][1]["code"]) == (404, "learner_not_found")
