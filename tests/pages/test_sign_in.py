"""Sign up, sign in, sign out."""

import pytest
from django.contrib.auth import get_user
from pytest_django.asserts import assertRedirects, assertTemplateUsed

from skillquest.accounts.models import User
from tests.factories import PASSWORD, UserFactory

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db

ANA = {"username": "ana", "email": "ana@example.test", "password": "a quiet walk uphill"}


def described_by(response, field):
    """The ids that the field names as its description, of which each exists on the page."""
    elements = elements_of(response)
    ids = {attrs.get("id") for _tag, attrs in elements}
    (names,) = [attrs["aria-describedby"].split() for _tag, attrs in elements if attrs.get("name") == field]
    assert set(names) <= ids
    return names


def test_signing_up_leads_to_the_dashboard(client):
    assertRedirects(client.post("/sign-up", ANA), "/dashboard")
    assert get_user(client).username == "ana"
    assert User.objects.get().profile.total_xp == 0


@pytest.mark.parametrize(
    ("device_zone", "zone"),
    [("Asia/Jakarta", "Asia/Jakarta"), ("", "UTC"), ("Mars/Olympus", "UTC"), ("localtime", "UTC")],
)
def test_a_new_account_begins_in_the_time_zone_of_the_device(client, device_zone, zone):
    client.post("/sign-up", ANA | {"time_zone": device_zone})
    assert User.objects.get().profile.time_zone == zone


def test_a_taken_name_is_reported_beside_its_field(client):
    UserFactory(username="Ana", email="other@example.test")
    response = client.post("/sign-up", ANA)
    assert response.status_code == 200
    assert response.context["form"].errors == {"username": ["This username is taken."]}
    assert described_by(response, "username") == ["id_username_helptext", "id_username_error"]
    assert 'role="alert"' in response.content.decode()


def test_every_field_says_what_is_wrong_with_it(client):
    response = client.post("/sign-up", {"username": "a b", "email": "nobody", "password": ""})
    assert set(response.context["form"].errors) == {"username", "email", "password"}
    assert not User.objects.exists()


def test_a_weak_password_is_refused(client):
    response = client.post("/sign-up", ANA | {"password": "password"})
    assert response.context["form"].errors == {"password": ["This password is too common."]}


@pytest.mark.parametrize("hostile", ["\0", "a\0na"])
def test_nul_is_refused_like_any_other_wrong_character(client, hostile):
    response = client.post("/sign-up", {"username": hostile, "email": hostile, "password": hostile})
    assert set(response.context["form"].errors) == {"username", "email", "password"}


@pytest.mark.parametrize("identifier", ["ana", "ANA", "ana@example.test"])
def test_name_or_address_signs_in(client, identifier):
    UserFactory(username="ana")
    assertRedirects(client.post("/sign-in", {"identifier": identifier, "password": PASSWORD}), "/dashboard")


def test_unknown_name_and_wrong_password_get_the_same_answer(client):
    UserFactory(username="ana")
    wrong = client.post("/sign-in", {"identifier": "ana", "password": "wrong"})
    unknown = client.post("/sign-in", {"identifier": "bob", "password": "wrong"})
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert wrong.context["form"].non_field_errors() == [
        "No account has this name and password. Check both and try again."
    ]


def test_signing_in_leads_where_the_visitor_was_going(client, maze):
    UserFactory(username="ana")
    assertRedirects(client.get("/levels/level-1"), "/sign-in?next=/levels/level-1")
    assert 'value="/levels/level-1"' in client.get("/sign-in?next=/levels/level-1").content.decode()
    response = client.post("/sign-in", {"identifier": "ana", "password": PASSWORD, "next": "/levels/level-1"})
    assertRedirects(response, "/levels/level-1")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_sign_in_never_redirects_to_another_site(client, elsewhere):
    UserFactory(username="ana")
    response = client.post("/sign-in", {"identifier": "ana", "password": PASSWORD, "next": elsewhere})
    assertRedirects(response, "/dashboard")


def test_signed_in_users_are_redirected_from_the_sign_in_page(learner_page):
    assertRedirects(learner_page.get("/sign-in"), "/dashboard")
    assertRedirects(learner_page.get("/sign-up?next=/levels"), "/levels")


def test_signing_out_takes_a_post(learner_page):
    assert learner_page.get("/sign-out").status_code == 405
    assertRedirects(learner_page.post("/sign-out"), "/sign-in")
    assert not get_user(learner_page).is_authenticated


def test_a_form_without_its_token_gets_a_page_that_explains(client):
    client.handler.enforce_csrf_checks = True
    response = client.post("/sign-in", {"identifier": "ana", "password": PASSWORD})
    assert response.status_code == 403
    assertTemplateUsed(response, "403_csrf.html")


def test_after_too_many_tries_the_page_says_how_long_to_wait(client, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "2/m"}
    for _ in range(2):
        assert client.post("/sign-up", {}).status_code == 200
    response = client.post("/sign-up", ANA)
    assert response.status_code == 429
    wait = response["Retry-After"]
    assert 0 < int(wait) <= 60
    assert f"Try again in {wait} second" in text_of(response)
    assert not User.objects.exists()


def test_one_name_tried_from_many_addresses_is_slowed_down_too(client, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "2/m"}
    UserFactory(username="ana")

    def attempt(number, password):
        return client.post("/sign-in", {"identifier": "ana", "password": password}, REMOTE_ADDR=f"203.0.113.{number}")

    assert [attempt(number, "wrong").status_code for number in range(2)] == [200, 200]
    assert attempt(3, PASSWORD).status_code == 429


def test_looking_at_the_form_costs_nothing(client, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "1/m"}
    assert [client.get("/sign-in").status_code for _ in range(3)] == [200, 200, 200]
