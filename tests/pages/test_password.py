"""A forgotten password on the pages: ask, read, choose, sign in."""

import re

import pytest
from django.core import mail
from django.test import Client
from pytest_django.asserts import assertRedirects

from skillquest.accounts import mailing
from skillquest.accounts.models import User
from skillquest.accounts.resets import token_for
from tests.factories import PASSWORD, UserFactory

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db

NEW = "a quiet walk uphill"
FORM = "/new-password"


@pytest.fixture
def ana():
    return UserFactory(username="ana", email="ana@example.test")


def link_of(user):
    return f"/new-password/{token_for(User.objects.get(pk=user.pk))}"


def link_in_mail():
    mailing.EXECUTOR.submit(lambda: None).result()
    [message] = mail.outbox
    return re.search(r"https://quest.example(\S+)", message.body)[1]


def links_of(response):
    return {attrs.get("href") for tag, attrs in elements_of(response) if tag == "a"}


def test_from_the_forgotten_password_to_the_dashboard(client, ana):
    assert "/forgot-password" in links_of(client.get("/sign-in"))
    response = client.post("/forgot-password", {"email": "ANA@example.test"})
    assertRedirects(response, "/forgot-password/sent")
    page = client.get(link_in_mail(), follow=True)
    assert "New password" in text_of(page)
    assertRedirects(client.post(FORM, {"new_password": NEW}), "/new-password/done")
    assert "/sign-in" in links_of(client.get("/new-password/done"))
    assertRedirects(client.post("/sign-in", {"identifier": "ana", "password": NEW}), "/dashboard")


def test_an_unknown_address_leads_to_the_same_page(client):
    assertRedirects(client.post("/forgot-password", {"email": "nobody@example.test"}), "/forgot-password/sent")
    assert "If there is an account with this address" in text_of(client.get("/forgot-password/sent"))


@pytest.mark.parametrize("address", ["", "nobody", "a b@example.test", "\0@example.test", "x" * 255 + "@example.test"])
def test_what_is_no_address_is_reported_beside_its_field(client, address):
    response = client.post("/forgot-password", {"email": address})
    assert set(response.context["form"].errors) == {"email"}


@pytest.mark.parametrize("token", ["x", "1-2-3", "é-1-2", "0-0-0", "z" * 300])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_dead_link_says_so_and_leads_on(client, ana, token, method):
    assertRedirects(client.get(f"/new-password/{token}"), FORM)
    response = getattr(client, method)(FORM, {"new_password": NEW} if method == "post" else {})
    assert (response.status_code, "This link no longer works" in text_of(response)) == (200, True)
    assert "/forgot-password" in links_of(response)


def test_without_a_link_the_form_is_not_shown(client):
    assert "This link no longer works" in text_of(client.get(FORM))
    assert client.post("/new-password/x", {"new_password": NEW}).status_code == 405


def test_the_token_is_in_the_session_and_on_no_page(client, ana):
    link = link_of(ana)
    response = client.get(link)
    assert (response.status_code, response["Location"]) == (302, FORM)
    page = client.get(FORM)
    token = link.removeprefix("/new-password/")
    assert client.session["password_reset_token"] == token
    assert token not in page.content.decode()
    assert (page["Referrer-Policy"], page["Cache-Control"]) == (
        "same-origin",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )


def test_a_dead_link_replaces_the_one_followed_before(client, ana):
    client.get(link_of(ana))
    client.get("/new-password/x")
    assert "This link no longer works" in text_of(client.get(FORM))


def test_looking_at_the_link_uses_nothing_up(client, ana):
    link = link_of(ana)
    for _ in range(3):
        assert "New password" in text_of(client.get(link, follow=True))
    assertRedirects(client.post(FORM, {"new_password": NEW}), "/new-password/done")
    assert "no longer works" in text_of(client.post(FORM, {"new_password": "another walk uphill"}))
    assert User.objects.get(pk=ana.pk).check_password(NEW)


def test_a_weak_password_is_refused_beside_its_field_and_the_link_lives_on(client, ana):
    client.get(link_of(ana))
    response = client.post(FORM, {"new_password": "password"})
    assert response.context["form"].errors == {"new_password": ["This password is too common."]}
    assertRedirects(client.post(FORM, {"new_password": NEW}), "/new-password/done")


def test_setting_a_password_ends_every_session_and_starts_none(client, ana):
    elsewhere = Client()
    elsewhere.force_login(ana)
    client.get(link_of(ana))
    client.post(FORM, {"new_password": NEW})
    for browser in (client, elsewhere):
        assertRedirects(browser.get("/dashboard"), "/sign-in?next=/dashboard")


@pytest.mark.parametrize("path", ["/forgot-password", "/new-password"])
def test_after_too_many_tries_the_page_says_how_long_to_wait(client, settings, path):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "2/m"}
    assert [client.post(path, {}).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(path).status_code == 200


# --- A password that is known -----------------------------------------------------------------------------------------

CHANGE = {"old_password": PASSWORD, "new_password": NEW}


def test_a_learner_changes_the_password_and_stays_in(learner_page, learner, visit):
    elsewhere = visit(learner)
    response = learner_page.post("/profile/password", CHANGE, follow=True)
    assert response.redirect_chain == [("/profile", 302)]
    assert "Your password has been changed." in text_of(response)
    assert User.objects.get(pk=learner.pk).check_password(NEW)
    assertRedirects(elsewhere.get("/profile"), "/sign-in?next=/profile")


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"old_password": "wrong"}, {"old_password": ["This is not your password."]}),
        ({"new_password": "password"}, {"new_password": ["This password is too common."]}),
        ({"old_password": ""}, {"old_password": ["This field is required."]}),
        ({"new_password": ""}, {"new_password": ["This field is required."]}),
    ],
)
def test_what_is_wrong_is_reported_beside_its_field(learner_page, learner, changes, errors):
    assert learner_page.post("/profile/password", CHANGE | changes).context["form"].errors == errors
    assert User.objects.get(pk=learner.pk).check_password(PASSWORD)


def test_guessing_at_the_old_password_is_slowed_down(learner_page, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000/m")
    wrong = CHANGE | {"old_password": "wrong"}
    assert [learner_page.post("/profile/password", wrong).status_code for _ in range(11)] == [200] * 10 + [429]
    assert learner_page.post("/profile/password", CHANGE).status_code == 429


def test_anonymous_visitors_are_redirected_to_sign_in(client):
    assertRedirects(client.post("/profile/password", CHANGE), "/sign-in?next=/profile/password")
