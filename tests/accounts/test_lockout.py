"""Guessing a password is slowed down by account and place; guesses of others do not lock the owner out."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client

from skillquest.accounts.lockout import cache_key
from tests.accounts.api_calls import call, problem, refused
from tests.factories import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
LOCAL_MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "lockout"}
LOCKED = "Too many failed attempts to sign in with this name. Try again in {} seconds."


@pytest.fixture(autouse=True)
def _limits_are_on(settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000/m")


@pytest.fixture
def clock(settings):
    # Redis would go by its own clock.
    settings.CACHES = settings.CACHES | {"ratelimits": LOCAL_MEMORY}
    caches["ratelimits"].clear()
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


def test_the_right_password_forgets_all_failures(ana):
    for _ in range(3):
        fail(9)
        assert sign_in("Ana").status_code == 200


def test_a_guesser_forgets_nothing_by_signing_in_as_themselves(ana):
    UserFactory(username="budi")
    fail(5)
    assert sign_in("budi").status_code == 200
    fail(5)
    assert sign_in("Ana").status_code == 429


def test_unknown_names_lock_alike(clock):
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


def test_no_name_and_no_address_lies_in_the_cache(rf):
    assert re.fullmatch("sign-in:[0-9a-f]{64}", cache_key(rf.get("/"), "Ana"))


# --- Places where somebody was before ---------------------------------------------------------------------------------

ELSEWHERE = "203.0.113.{}"


@pytest.fixture
def _strangers_are_many(settings):
    """Two tries for a name, all over the world."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "2/m"}


def attack(name="Ana"):
    """Unknown clients, each with its own address."""
    return [sign_in(name, "guess", REMOTE_ADDR=ELSEWHERE.format(number)).status_code for number in range(4)]


def at_the_page(browser, identifier="Ana", password=PASSWORD, **headers):
    return browser.post("/sign-in", {"identifier": identifier, "password": password}, **headers).status_code


@pytest.mark.usefixtures("_strangers_are_many")
def test_strangers_all_over_the_world_do_not_keep_out_who_was_here_before(ana):
    assert sign_in("Ana").status_code == 200  # from a place that is still strange, so it counts
    assert attack() == [401, 429, 429, 429]
    assert sign_in("Ana").status_code == 200
    assert sign_in("Ana", REMOTE_ADDR="192.0.2.7").status_code == 429


@pytest.mark.usefixtures("_strangers_are_many")
def test_a_month_after_the_last_sign_in_a_place_is_strange(ana, clock):
    sign_in("Ana")
    clock.shift(31 * 24 * 3600)
    assert attack() == [401, 401, 429, 429]
    assert sign_in("Ana").status_code == 429


@pytest.mark.usefixtures("_strangers_are_many")
def test_a_browser_is_known_wherever_it_goes(ana, client):
    assert at_the_page(client) == 302
    client.post("/sign-out")
    attack()
    assert at_the_page(client, REMOTE_ADDR="192.0.2.7") == 302


def test_a_classmate_behind_the_same_address_keeps_nobody_out_of_their_own_browser(ana, client):
    assert at_the_page(client) == 302
    client.post("/sign-out")
    for _ in range(12):
        sign_in("Ana", "guess")
    assert sign_in("Ana").status_code == 429
    assert at_the_page(client) == 302


def test_in_a_known_browser_guessing_is_as_slow(ana, client):
    at_the_page(client)
    client.post("/sign-out")
    assert [at_the_page(client, password="guess") for _ in range(12)] == [200] * 9 + [429] * 3
    assert at_the_page(client) == 429
    # Not so the person at another place.
    assert sign_in("Ana").status_code == 200


def test_a_browser_is_known_for_the_name_that_was_typed_and_no_other(ana, client):
    UserFactory(username="budi")
    at_the_page(client, "budi")
    client.post("/sign-out")
    for _ in range(12):
        sign_in("Ana", "guess")
    assert at_the_page(client) == 429


@pytest.mark.parametrize("forge", [lambda cookie: cookie[:-1], lambda cookie: f"x{cookie}", lambda _cookie: "a.b:c:d"])
def test_a_forged_cookie_makes_no_browser_known(ana, client, forge):
    at_the_page(client)
    client.post("/sign-out")
    for _ in range(12):
        sign_in("Ana", "guess")
    client.cookies["device"] = forge(client.cookies["device"].value)
    assert at_the_page(client) == 429


def test_the_cookie_says_nothing_and_is_set_once(ana, client):
    at_the_page(client)
    cookie = client.cookies["device"]
    flags = {name: cookie[name] for name in ("httponly", "samesite", "path", "max-age")}
    assert flags == {"httponly": True, "samesite": "Lax", "path": "/", "max-age": 30 * 24 * 3600}
    assert re.fullmatch(r"[0-9a-f]{64}\.[0-9a-f]{16}:\w+:[\w-]+", cookie.value)
    client.post("/sign-out")
    client.post("/sign-in", {"identifier": "ana", "password": PASSWORD})
    assert client.cookies["device"].value == cookie.value


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/sign-in", {"identifier": "Ana", "password": "wrong"}),
        ("/admin/login/", {"username": "Ana", "password": "wrong"}),
        ("/admin/login/", {"username": "Ana", "password": PASSWORD}),  # not staff
    ],
)
def test_whoever_is_not_let_in_makes_no_browser_known(ana, client, path, form):
    client.post(path, form)
    assert "device" not in client.cookies


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/admin/login/", {"username": "boss", "password": PASSWORD}),
        ("/sign-up", {"username": "newcomer", "email": "new@example.test", "password": "a quite different horse"}),
    ],
)
def test_each_sign_in_form_makes_the_browser_familiar(client, path, form):
    StaffFactory(username="boss")
    assert client.post(path, form).status_code == 302
    assert client.cookies["device"].value


# --- A password that is asked for again -------------------------------------------------------------------------------


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


# --- Rate limits ------------------------------------------------------------------------------------------------------


def test_the_password_change_of_the_admin_is_rate_limited(settings, client):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "2/m"}
    client.force_login(StaffFactory())
    form = {
        "old_password": "guess",
        "new_password1": "a quite different horse",
        "new_password2": "a quite different horse",
    }
    assert [client.post("/admin/password_change/", form).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/admin/password_change/").status_code == 200


@pytest.fixture
def _shipped_limits(settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "10/m", "sign_in": "120/m"}


@pytest.mark.usefixtures("_shipped_limits")
def test_a_classroom_signs_in_within_a_minute_from_one_address(clock):
    pupils = [UserFactory() for _ in range(30)]
    assert {sign_in(pupil.username).status_code for pupil in pupils} == {200}
    assert {at_the_page(Client(), pupil.username) for pupil in pupils} == {302}


@pytest.mark.usefixtures("_shipped_limits")
def test_an_address_has_120_attempts_a_minute(clock):
    statuses = [sign_in(f"nobody{number}").status_code for number in range(121)]
    assert statuses == [401] * 120 + [429]
    clock.shift(61)
    assert sign_in("nobody0").status_code == 401


@pytest.mark.usefixtures("_shipped_limits")
@pytest.mark.parametrize("names", [["Ana"], ["Ana", "ANA", "ａｎａ", "ana@example.test"]])
def test_an_account_has_10_attempts_a_minute_from_all_addresses_together(names, clock):
    UserFactory(username="Ana", email="ana@example.test")
    attempts = [
        sign_in(names[number % len(names)], "guess", REMOTE_ADDR=ELSEWHERE.format(number)) for number in range(11)
    ]
    assert [answer.status_code for answer in attempts] == [401] * 10 + [429]


@pytest.mark.usefixtures("_shipped_limits")
def test_a_familiar_place_has_10_attempts_a_minute_of_its_own(ana, clock):
    sign_in("Ana")
    assert [sign_in("Ana").status_code for _ in range(11)] == [200] * 10 + [429]


@pytest.mark.parametrize(("path", "scope"), [("register", "auth"), ("login", "sign_in")])
def test_registering_and_signing_in_have_a_rate_limit_of_their_own(settings, path, scope):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {scope: "2/m"}
    assert [call("POST", path, {}).status_code for _ in range(3)] == [400, 400, 429]


def test_the_password_change_of_the_api_is_rate_limited(settings, learner_api):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "2/m"}
    assert [learner_api.post("/api/v1/auth/password", {}).status_code for _ in range(3)] == [400, 400, 429]
