"""Taking one's data along, and leaving for good."""

import pytest
from django.contrib.auth import get_user
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from skillquest.accounts.erasing import erase_person
from skillquest.accounts.models import User
from tests.factories import PASSWORD

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db


def test_the_profile_leads_to_the_data_the_password_and_the_way_out(learner_page):
    links = {attrs["href"]: attrs for tag, attrs in elements_of(learner_page.get("/profile")) if tag == "a"}
    assert {"/profile/password", "/profile/erase", "/api/v1/auth/me/export"} <= set(links)
    assert "download" in links["/api/v1/auth/me/export"]


def test_the_data_come_by_the_link(learner_page, learner):
    answer = learner_page.get("/api/v1/auth/me/export")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.json()["account"]["username"] == learner.username


def test_opening_the_page_erases_nobody(learner_page, learner, maze, play):
    play(learner, maze, score=900)
    text = text_of(learner_page.get("/profile/erase"))
    assert f"You lose your {learner.profile.total_xp} XP and everything you have unlocked" in text
    assert "Nobody can restore it" in text
    assert User.objects.get(pk=learner.pk).is_active


def test_with_the_password_the_person_is_gone(learner_page, learner):
    response = learner_page.post("/profile/erase", {"password": PASSWORD})
    assertRedirects(response, "/erased")
    assert not get_user(learner_page).is_authenticated
    assert User.objects.get(pk=learner.pk).username.startswith("erased-")
    assert learner_page.cookies["device"].value == ""
    assert "Farewell Your account is erased" in text_of(learner_page.get("/erased"))
    assertRedirects(learner_page.get("/dashboard"), "/sign-in?next=/dashboard")


@pytest.mark.parametrize(
    ("form", "error"),
    [({"password": "wrong"}, "This is not your password."), ({"password": ""}, "This field is required.")],
)
def test_without_it_nobody_is(learner_page, learner, form, error):
    response = learner_page.post("/profile/erase", form)
    assert response.context["form"].errors == {"password": [error]}
    assert User.objects.get(pk=learner.pk).is_active


def test_guessing_is_slowed_down(learner_page, learner, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000/m")
    wrong = {"password": "wrong"}
    assert [learner_page.post("/profile/erase", wrong).status_code for _ in range(11)] == [200] * 10 + [429]
    assert User.objects.get(pk=learner.pk).is_active


@pytest.mark.parametrize("path", ["/profile/erase", "/erased"])
def test_only_a_post_erases(client, path):
    assert client.put(path).status_code in {302, 405}
    assert client.delete(path).status_code in {302, 405}


def test_anonymous_visitors_are_redirected_to_sign_in(client):
    assertRedirects(client.post("/profile/erase", {"password": PASSWORD}), "/sign-in?next=/profile/erase")


def test_another_window_of_a_person_who_signed_out_asks_to_sign_in(learner_page, learner, rf):
    """The person is erased after the cookie was checked and before the view runs."""
    from skillquest.pages.profile import profile

    form = {"display_name": "Back again", "time_zone": "UTC", "language": "en"}
    request = rf.post("/profile", form)
    request.user, request.session = User.objects.get(pk=learner.pk), learner_page.session
    erase_person(user_id=learner.pk, at=timezone.now())
    response = profile(request)
    assert (response.status_code, response["Location"]) == (302, "/sign-in")
    assert User.objects.get(pk=learner.pk).display_name == ""
