"""Guessing a password is slowed down by account and place."""

import re
from datetime import UTC, datetime

import pytest
import time_machine

from skillquest.accounts.lockout import cache_key
from tests.accounts.api_calls import problem, refused
from tests.accounts.sign_in_attempts import sign_in
from tests.factories import PASSWORD, StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_limits_are_on")]


LOCKED = "Too many failed attempts to sign in with this name. Try again in {} seconds."


def fail(times, name="Ana"):
    assert {sign_in(name, f"guess {number}").status_code for number in range(times)} == {401}


def test_ten_failures_lock_even_the_right_password_out(ana, clock):
    fail(10)
    clock.shift(20)
    answer = sign_in("ana")
    assert (answer.status_code, answer["Retry-After"]) == (429, "40")
    assert problem(answer) == refused("sign_in_locked", LOCKED.format(40))


def test_each_failure_after_that_takes_twice_as_long_up_to_15_minutes(ana, clock):
    fail(10)
    waits = []
    for _ in range(6):
        waits.append(int(sign_in("Ana", "guess")["Retry-After"]))
        clock.shift(waits[-1] + 1)
        fail(1)
    assert waits == [60, 120, 240, 480, 900, 900]


def test_the_right_password_resets_the_failures(ana):
    for _ in range(3):
        fail(9)
        assert sign_in("Ana").status_code == 200


def test_signing_in_to_another_account_does_not_reset_the_failures(ana):
    UserFactory(username="budi")
    fail(5)
    assert sign_in("budi").status_code == 200
    fail(5)
    assert sign_in("Ana").status_code == 429


def test_unknown_names_are_locked_in_the_same_way(clock):
    fail(10, "nobody")
    answer = sign_in("nobody")
    assert (answer.status_code, problem(answer)) == (429, refused("sign_in_locked", LOCKED.format(60)))


@pytest.mark.parametrize("spelling", ["ＡＮＡ", "ana@example.test", "ＡＮＡ@EXAMPLE.test", "aNa＠example.test"])
def test_failures_count_for_the_account_however_its_name_is_spelled(spelling):
    UserFactory(username="Ana", email="ana@example.test")
    fail(9)
    fail(1, spelling)
    for name in ("Ana", spelling, "ana@example.test"):
        assert sign_in(name).status_code == 429


def test_failures_with_an_international_address_count_for_the_account():
    UserFactory(username="Ana", email="k@bücher.example")
    fail(5, "k@bücher.example")
    fail(5, "k@xn--bcher-kva.example")
    assert sign_in("Ana").status_code == 429


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


def test_a_minute_after_the_tenth_failure_it_is_over(ana, clock):
    fail(10)
    clock.shift(61)
    assert sign_in("Ana").status_code == 200


def test_failures_of_yesterday_do_not_count(ana, clock):
    fail(9)
    clock.shift(24 * 3600 + 1)
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


def test_the_cache_contains_no_name_or_address(rf):
    assert re.fullmatch("sign-in:[0-9a-f]{64}", cache_key(rf.get("/"), "Ana"))


@pytest.mark.parametrize("field", ["old_password", "password"])
def test_guesses_at_the_password_of_a_signed_in_account_are_limited(learner_api, field):
    change, leave = "/api/v1/auth/password", "/api/v1/auth/me"

    def guess(password):
        if field == "password":
            return learner_api.delete(leave, {"password": password})
        return learner_api.post(change, {"old_password": password, "new_password": "a quite different horse"})

    with time_machine.travel(datetime.now(UTC), tick=False) as now:
        assert [guess(f"guess {number}").status_code for number in range(11)] == [400] * 10 + [429]
        assert problem(guess(PASSWORD))["code"] == "sign_in_locked"
        now.shift(61)
        assert guess(PASSWORD).status_code == 204
