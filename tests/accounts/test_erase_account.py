"""DELETE auth/me: a person erases their own account; nobody signs in to it afterwards."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from gamification.errors import LearnerErased
from skillquest.accounts.models import BrowserSession, User
from tests.accounts.api_calls import INVALID_CREDENTIALS, INVALID_TOKEN, NOT_SIGNED_IN, call, field_errors, problem
from tests.accounts.personal_data import (
    MARK,
    erase,
    found,
    whole_database,
)
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def test_all_sign_ins_of_an_erased_person_are_refused(learner, pair, security_log):
    browser = Client()
    browser.force_login(learner)
    assert call("DELETE", "me", {"password": PASSWORD}, token=pair["access_token"]).status_code == 204
    for token in pair["access_token"], pair["refresh_token"]:
        answer = call("GET", "me", token=token)
        assert (answer.status_code, problem(answer)) == (401, INVALID_TOKEN)
    answer = call("POST", "refresh", {"refresh_token": pair["refresh_token"]})
    assert (answer.status_code, problem(answer)) == (401, INVALID_TOKEN)
    answer = call("POST", "login", {"username": learner.username, "password": PASSWORD})
    assert (answer.status_code, problem(answer)) == (401, INVALID_CREDENTIALS)
    assert browser.get("/api/v1/auth/me").status_code == 401
    assert f"erased user={learner.pk}" in security_log()


def test_name_and_address_are_free_again(learner, pair):
    names = {"username": learner.username, "email": learner.email}
    call("DELETE", "me", {"password": PASSWORD}, token=pair["access_token"])
    answer = call("POST", "register", names | {"password": PASSWORD})
    assert (answer.status_code, answer.json()["total_xp"]) == (201, 0)
    assert answer.json()["id"] != learner.pk


def test_erasing_by_cookie_deletes_the_cookie(client, learner):
    client.force_login(learner)
    answer = client.delete("/api/v1/auth/me", {"password": PASSWORD}, content_type="application/json")
    assert answer.status_code == 204
    assert client.cookies["sessionid"].value == ""
    assert not BrowserSession.objects.exists()


def test_the_wrong_password_erases_nobody(learner, pair, security_log):
    before = whole_database()
    answer = call("DELETE", "me", {"password": "wrong"}, token=pair["access_token"])
    assert (answer.status_code, problem(answer)) == (400, field_errors(password=["This is not your password."]))
    assert whole_database() == before
    assert f"password_refused user={learner.pk}" in security_log()


@pytest.mark.parametrize("body", [None, {}, {"password": None}, {"password": 5}, {"password": PASSWORD, "user_id": 0}])
def test_without_a_password_nobody_is_erased(learner, pair, body):
    assert call("DELETE", "me", body, token=pair["access_token"]).status_code in {400, 415}
    assert User.objects.get(pk=learner.pk).is_active


def test_anonymous_visitors_are_refused():
    answer = call("DELETE", "me", {"password": PASSWORD})
    assert (answer.status_code, problem(answer)) == (401, NOT_SIGNED_IN)


def test_nobody_is_erased_twice(person):
    erase(person)
    with pytest.raises(LearnerErased):
        erase(person)


def test_a_form_opened_before_the_erasure_restores_nothing(person):
    opened = User.objects.get(pk=person.pk)
    erase(person)
    with pytest.raises(PermissionDenied):
        opened.save()
    assert found(MARK) == {}


def test_no_request_of_an_erased_person_is_accepted(person, staff_api):
    erase(person)
    award = {"user_id": person.pk, "xp_amount": 5, "reason": "A late gift"}
    answer = staff_api.post("/api/v1/gamification/xp/award", award)
    assert (answer.status_code, answer.json()["code"]) == (410, "learner_erased")


def test_an_erased_person_is_on_no_leaderboard_and_has_no_public_page(person, learner_api, learner):
    def listed():
        entries = learner_api.get("/api/v1/leaderboard").json()["entries"]
        return [entry["user_id"] for entry in entries]

    assert person.pk in listed()
    erase(person)
    assert person.pk not in listed()
    assert learner_api.get(f"/api/v1/users/{person.pk}/progress").status_code == 404
    assert learner_api.get(f"/api/v1/badges/users/{person.pk}").status_code == 404
