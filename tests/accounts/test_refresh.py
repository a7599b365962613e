from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from skillquest.accounts.models import AuthSession
from tests.accounts.api_calls import INVALID_TOKEN, TOKEN_EXPIRED, call, field_errors, problem
from tests.threads import at_once

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def refresh(pair):
    return call("POST", "refresh", {"refresh_token": pair["refresh_token"]})


def is_let_in(pair):
    return call("GET", "me", token=pair["access_token"]).status_code == 200


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.mark.django_db
def test_a_refresh_token_gives_a_new_pair(pair):
    answer = refresh(pair)
    fresh = answer.json()
    assert answer.status_code == 200
    assert fresh == {
        "success": True,
        "access_token": fresh["access_token"],
        "refresh_token": fresh["refresh_token"],
        "token_type": "bearer",
    }
    assert fresh["refresh_token"] != pair["refresh_token"]
    assert is_let_in(pair)
    assert is_let_in(fresh)
    assert AuthSession.objects.count() == 1


@pytest.mark.django_db
def test_a_used_token_that_is_used_again_late_ends_its_session(clock, learner, pair, security_log):
    fresh = refresh(pair).json()
    clock.shift(11)
    answer = refresh(pair)
    assert (answer.status_code, problem(answer)) == (401, INVALID_TOKEN)
    assert not is_let_in(pair)
    assert not is_let_in(fresh)
    assert refresh(fresh).status_code == 401
    assert security_log()[-1] == f"refresh_token_reused user={learner.pk}"


@pytest.mark.django_db
def test_the_slower_of_two_tabs_is_refused_and_no_session_ends(clock, pair):
    fresh = refresh(pair).json()
    clock.shift(10)
    assert refresh(pair).status_code == 401
    assert is_let_in(fresh)
    assert refresh(fresh).status_code == 200


@pytest.mark.django_db
def test_an_older_token_than_the_previous_one_ends_the_session(clock, pair):
    second = refresh(pair).json()
    third = refresh(second).json()
    assert refresh(pair).status_code == 401
    assert not is_let_in(third)


@pytest.mark.django_db
def test_other_sessions_of_the_person_stay_valid(clock, learner, pair, tokens_of):
    other = tokens_of(learner)
    refresh(pair)
    clock.shift(11)
    refresh(pair)
    assert is_let_in(other)


@pytest.mark.django_db
def test_tokens_are_valid_for_30_minutes_and_7_days(clock, pair):
    clock.shift(timedelta(minutes=30) - timedelta(seconds=1))
    assert is_let_in(pair)
    clock.shift(1)
    answer = call("GET", "me", token=pair["access_token"])
    assert (answer.status_code, problem(answer)) == (401, TOKEN_EXPIRED)
    clock.move_to(NOON + timedelta(days=7))
    answer = refresh(pair)
    assert (answer.status_code, problem(answer)) == (401, TOKEN_EXPIRED)


@pytest.mark.django_db
def test_each_refresh_begins_seven_new_days(clock, pair):
    clock.shift(timedelta(days=6))
    fresh = refresh(pair).json()
    clock.shift(timedelta(days=6))
    assert refresh(fresh).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"refresh_token": ["This field is required."]}),
        ({"refresh_token": ""}, {"refresh_token": ["This field may not be blank."]}),
        ({"refresh_token": None}, {"refresh_token": ["This field may not be null."]}),
    ],
)
def test_a_body_without_a_token_is_a_bad_request(body, errors):
    answer = call("POST", "refresh", body)
    assert (answer.status_code, problem(answer)) == (400, field_errors(**errors))


@pytest.mark.django_db(transaction=True)
def test_of_six_refreshes_with_one_token_at_once_one_succeeds(pair):
    answers = at_once([lambda: refresh(pair)] * 6)
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert is_let_in(winner)
    assert refresh(winner).status_code == 200
