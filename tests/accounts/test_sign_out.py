from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from skillquest.accounts.models import AuthSession
from skillquest.accounts.sessions import end_sessions
from tests.accounts.api_calls import INVALID_TOKEN, call, problem
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def sign_out(pair, **more):
    return call("POST", "logout", {"refresh_token": pair["refresh_token"], **more})


def is_let_in(pair):
    return call("GET", "me", token=pair["access_token"]).status_code == 200


def test_sign_out_ends_this_session_and_no_other(learner, pair, tokens_of):
    other = tokens_of(learner)
    answer = sign_out(pair)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not is_let_in(pair)
    assert call("POST", "refresh", {"refresh_token": pair["refresh_token"]}).status_code == 401
    assert is_let_in(other)


def test_sign_out_everywhere_ends_tokens_and_cookies_of_this_person_only(client, learner, pair, tokens_of):
    other, other_user = tokens_of(learner), tokens_of(UserFactory())
    client.force_login(learner)
    assert client.get("/api/v1/auth/me").status_code == 200
    assert sign_out(pair, everywhere=True).status_code == 204
    assert [is_let_in(each) for each in (pair, other, other_user)] == [False, False, True]
    assert client.get("/api/v1/auth/me").status_code == 401


def test_signing_out_again_changes_nothing(learner, pair, tokens_of):
    sign_out(pair)
    other = tokens_of(learner)
    assert sign_out(pair).status_code == 204
    assert sign_out(pair, everywhere=True).status_code == 204  # a dead session has no say any more
    assert is_let_in(other)


def test_a_used_or_expired_token_still_signs_out(pair):
    fresh = call("POST", "refresh", {"refresh_token": pair["refresh_token"]}).json()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert sign_out(pair).status_code == 204
    assert not is_let_in(fresh)


def test_an_access_token_does_not_sign_out(pair):
    answer = call("POST", "logout", {"refresh_token": pair["access_token"]})
    assert (answer.status_code, problem(answer)) == (401, INVALID_TOKEN)
    assert is_let_in(pair)


def test_garbage_does_not_sign_out():
    answer = call("POST", "logout", {"refresh_token": "garbage"})
    assert (answer.status_code, problem(answer)) == (401, INVALID_TOKEN)


def test_everywhere_is_true_or_false(pair):
    assert sign_out(pair, everywhere="yes").status_code == 400
    assert is_let_in(pair)


def test_end_sessions_ends_them_at_once_and_for_good(learner, pair):
    at = timezone.now()
    end_sessions(user=learner, at=at)
    assert not is_let_in(pair)
    assert AuthSession.objects.get().ended_at == at


def test_tokens_from_before_a_deactivation_stay_invalid_after_reactivation(learner, pair):
    learner.is_active = False
    learner.save()
    answer = call("GET", "me", token=pair["access_token"])
    assert (answer.status_code, problem(answer)) == (401, INVALID_TOKEN)
    assert call("POST", "refresh", {"refresh_token": pair["refresh_token"]}).status_code == 401
    end_sessions(user=learner, at=timezone.now())
    learner.is_active = True
    learner.save()
    assert not is_let_in(pair)
