import pytest
from django.test import Client

from tests.accounts.api_calls import NOT_SIGNED_IN, call, field_errors, problem
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "a quite different horse"
CHANGE = {"old_password": PASSWORD, "new_password": NEW}


def is_let_in(pair):
    return call("GET", "me", token=pair["access_token"]).status_code == 200


def test_a_new_password_ends_every_token(learner, pair, tokens_of, security_log):
    other = tokens_of(learner)
    answer = call("POST", "password", CHANGE, token=pair["access_token"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert not is_let_in(pair)
    assert not is_let_in(other)
    assert call("POST", "refresh", {"refresh_token": other["refresh_token"]}).status_code == 401
    assert is_let_in(tokens_of(learner, NEW))
    assert f"password_changed user={learner.pk}" in security_log()


def test_the_old_password_no_longer_works(learner, pair):
    call("POST", "password", CHANGE, token=pair["access_token"])
    assert call("POST", "login", {"username": learner.username, "password": PASSWORD}).status_code == 401


def test_a_wrong_old_password_changes_nothing(learner, pair):
    answer = call("POST", "password", CHANGE | {"old_password": "wrong"}, token=pair["access_token"])
    assert answer.status_code == 400
    assert problem(answer) == field_errors(old_password=["This is not your password."])
    assert is_let_in(pair)
    learner.refresh_from_db()
    assert learner.check_password(PASSWORD)


def test_a_weak_new_password_changes_nothing(learner, pair):
    answer = call("POST", "password", CHANGE | {"new_password": "password"}, token=pair["access_token"])
    assert answer.status_code == 400
    assert problem(answer) == field_errors(new_password=["This password is too common."])
    assert is_let_in(pair)


def test_a_password_like_the_name_is_refused(learner, pair):
    answer = call("POST", "password", CHANGE | {"new_password": f"{learner.username}!"}, token=pair["access_token"])
    assert problem(answer) == field_errors(new_password=["The password is too similar to the username."])


def test_anonymous_visitors_are_refused():
    answer = call("POST", "password", CHANGE)
    assert (answer.status_code, problem(answer)) == (401, NOT_SIGNED_IN)


def test_a_password_change_ends_the_sessions_of_other_browsers_only(client, learner):
    other = Client()
    for browser in (client, other):
        browser.force_login(learner)
    answer = client.post("/api/v1/auth/password", CHANGE, content_type="application/json")
    assert answer.status_code == 204
    assert client.get("/api/v1/auth/me").status_code == 200
    assert other.get("/api/v1/auth/me").status_code == 401


@pytest.mark.parametrize("way", ["set_password", "admin"])
def test_a_password_changed_in_any_way_ends_tokens(learner, pair, client, staff, way):
    if way == "admin":
        client.force_login(staff)
        form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
        assert client.post(f"/admin/accounts/user/{learner.pk}/password/", form).status_code == 302
    else:
        learner.set_password(NEW)
        learner.save()
    assert not is_let_in(pair)
