"""Rate limits of registering, signing in and changing a password."""

import pytest
from django.test import Client

from tests.accounts.api_calls import call
from tests.accounts.sign_in_attempts import ELSEWHERE, at_the_page, sign_in
from tests.factories import StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_limits_are_on")]


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
def _shipped_limits(settings, _limits_are_on):
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
def test_a_known_address_has_10_attempts_a_minute_of_its_own(ana, clock):
    sign_in("Ana")
    assert [sign_in("Ana").status_code for _ in range(11)] == [200] * 10 + [429]


@pytest.mark.parametrize(("path", "scope"), [("register", "auth"), ("login", "sign_in")])
def test_registering_and_signing_in_have_a_rate_limit_of_their_own(settings, path, scope):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {scope: "2/m"}
    assert [call("POST", path, {}).status_code for _ in range(3)] == [400, 400, 429]


def test_the_password_change_of_the_api_is_rate_limited(settings, learner_api):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "2/m"}
    assert [learner_api.post("/api/v1/auth/password", {}).status_code for _ in range(3)] == [400, 400, 429]
