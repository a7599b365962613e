"""Failed sign-ins elsewhere do not lock out a person where they signed in before."""

import re

import pytest

from tests.accounts.sign_in_attempts import ELSEWHERE, at_the_page, sign_in
from tests.factories import PASSWORD, StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_limits_are_on")]


@pytest.fixture
def _two_attempts_for_each_name(settings, _limits_are_on):
    """From all addresses together."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "2/m"}


def attack(name="Ana"):
    """Unknown clients, each with its own address."""
    return [sign_in(name, "guess", REMOTE_ADDR=ELSEWHERE.format(number)).status_code for number in range(4)]


@pytest.mark.usefixtures("_two_attempts_for_each_name")
def test_failures_from_many_addresses_do_not_lock_out_a_known_address(ana):
    assert sign_in("Ana").status_code == 200  # from a place that is still strange, so it counts
    assert attack() == [401, 429, 429, 429]
    assert sign_in("Ana").status_code == 200
    assert sign_in("Ana", REMOTE_ADDR="192.0.2.7").status_code == 429


@pytest.mark.usefixtures("_two_attempts_for_each_name")
def test_an_address_is_unknown_a_month_after_its_last_sign_in(ana, clock):
    sign_in("Ana")
    clock.shift(31 * 24 * 3600)
    assert attack() == [401, 401, 429, 429]
    assert sign_in("Ana").status_code == 429


@pytest.mark.usefixtures("_two_attempts_for_each_name")
def test_a_known_browser_may_change_its_address(ana, client):
    assert at_the_page(client) == 302
    client.post("/sign-out")
    attack()
    assert at_the_page(client, REMOTE_ADDR="192.0.2.7") == 302


def test_failures_at_the_same_address_do_not_lock_a_known_browser(ana, client):
    assert at_the_page(client) == 302
    client.post("/sign-out")
    for _ in range(12):
        sign_in("Ana", "guess")
    assert sign_in("Ana").status_code == 429
    assert at_the_page(client) == 302


def test_failures_in_a_known_browser_lock_it(ana, client):
    at_the_page(client)
    client.post("/sign-out")
    assert [at_the_page(client, password="guess") for _ in range(12)] == [200] * 9 + [429] * 3
    assert at_the_page(client) == 429
    # Not so the person at another place.
    assert sign_in("Ana").status_code == 200


def test_a_browser_is_known_for_one_name_only(ana, client):
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


def test_the_cookie_contains_no_name_and_is_set_once(ana, client):
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
def test_a_refused_sign_in_makes_no_browser_known(ana, client, path, form):
    client.post(path, form)
    assert "device" not in client.cookies


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/admin/login/", {"username": "boss", "password": PASSWORD}),
        ("/sign-up", {"username": "newcomer", "email": "new@example.test", "password": "a quite different horse"}),
    ],
)
def test_each_sign_in_form_makes_the_browser_known(client, path, form):
    StaffFactory(username="boss")
    assert client.post(path, form).status_code == 302
    assert client.cookies["device"].value
