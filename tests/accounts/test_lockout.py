"""Ten failures for one name from one address within 15 minutes."""

import re
from datetime import UTC, datetime

import pytest
import time_machine

from skillquest.accounts.lockout import cache_key
from tests.accounts.talk import call, problem, refused
from tests.factories import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
LOCKED = "Too many failed attempts to sign in with this name. Try again in {} seconds."


@pytest.fixture(autouse=True)
def _limits_are_on(settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000/m")


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def ana():
    return UserFactory(username="Ana")


def sign_in(username, password=PASSWORD, **headers):
    return call("POST", "login", {"username": username, "password": password}, **headers)


def fail(times, name="Ana"):
    assert {sign_in(name, f"guess {number}").status_code for number in range(times)} == {401}


def test_ten_failures_lock_even_the_right_password_out(ana, clock):
    fail(10)
    clock.shift(60)
    answer = sign_in("ana")
    assert (answer.status_code, answer["Retry-After"]) == (429, "840")
    assert problem(answer) == refused("sign_in_locked", LOCKED.format(840))


def test_unknown_names_lock_alike(clock):
    fail(10, "nobody")
    answer = sign_in("nobody")
    assert (answer.status_code, problem(answer)) == (429, refused("sign_in_locked", LOCKED.format(900)))


def test_nine_failures_lock_nobody_out(ana):
    fail(9)
    assert sign_in("Ana").status_code == 200


def test_from_another_address_the_person_gets_in(ana):
    fail(10)
    assert sign_in("Ana", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_a_forwarded_header_that_anybody_can_write_is_no_other_address(ana):
    fail(10)
    assert sign_in("Ana", HTTP_X_FORWARDED_FOR="192.0.2.7").status_code == 429


def test_other_names_are_not_touched(ana):
    UserFactory(username="budi")
    fail(10)
    assert sign_in("budi").status_code == 200


def test_fifteen_minutes_after_the_first_failure_it_is_over(ana, clock):
    fail(10)
    clock.shift(15 * 60 + 1)
    assert sign_in("Ana").status_code == 200


def test_failures_of_long_ago_do_not_count(ana, clock):
    fail(9)
    clock.shift(15 * 60 + 1)
    fail(9)
    assert sign_in("Ana").status_code == 200


def test_the_switch_for_rate_limits_switches_it_off(ana, settings):
    settings.RATELIMIT_ENABLE = False
    fail(11)
    assert sign_in("Ana").status_code == 200


def test_the_admin_is_locked_too(client):
    StaffFactory(username="Ana")
    fail(10)
    answer = client.post("/admin/login/", {"username": "Ana", "password": PASSWORD})
    assert answer.status_code == 200  # the form again
    assert "_auth_user_id" not in client.session


def test_failures_in_the_admin_lock_the_api(client):
    StaffFactory(username="Ana")
    for number in range(10):
        client.post("/admin/login/", {"username": "Ana", "password": f"guess {number}"})
    assert sign_in("Ana").status_code == 429


def test_no_name_and_no_address_lies_in_the_cache(rf):
    assert re.fullmatch("sign-in:[0-9a-f]{64}", cache_key(rf.get("/"), "Ana"))


@pytest.mark.parametrize("path", ["register", "login"])
def test_registering_and_signing_in_have_a_bucket_of_their_own(settings, path):
    settings.RATE_LIMITS = {"auth": "2/m", "write": "1000/m", "read": "1000/m"}
    assert [call("POST", path, {}).status_code for _ in range(3)] == [400, 400, 429]


def test_so_is_the_change_of_a_password(settings, learner_api):
    settings.RATE_LIMITS = {"auth": "2/m", "write": "1000/m", "read": "1000/m"}
    assert [learner_api.post("/api/v1/auth/password", {}).status_code for _ in range(3)] == [400, 400, 429]
