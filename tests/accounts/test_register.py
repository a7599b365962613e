from datetime import UTC, datetime
from functools import partial

import pytest
import time_machine

from gamification.models import LearnerProfile
from skillquest.accounts.models import User
from tests.accounts.api_calls import call, field_errors, problem
from tests.factories import PASSWORD, UserFactory
from tests.threads import at_once

ANA = {"username": "Ana", "email": "ana@example.test", "password": PASSWORD}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_a_new_account_begins_at_level_1_with_a_profile():
    answer = call("POST", "register", ANA)
    user = User.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "success": True,
            "id": user.pk,
            "username": "Ana",
            "email": "ana@example.test",
            "total_xp": 0,
            "level": 1,
            "created_at": "2026-03-01T12:00:00Z",
        },
    )
    assert user.check_password(PASSWORD)
    assert LearnerProfile.objects.get().user == user


@pytest.mark.django_db
def test_who_registers_can_sign_in():
    call("POST", "register", ANA)
    assert call("POST", "login", {"username": "Ana", "password": PASSWORD}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["ana", "ANA", "Ana"])
def test_a_username_is_taken_whatever_its_case(name):
    UserFactory(username="Ana", email="first@example.test")
    answer = call("POST", "register", ANA | {"username": name})
    assert answer.status_code == 400
    assert problem(answer) == field_errors(username=["This username is taken."])
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["ana@example.test", "ANA@Example.Test", "ana@EXAMPLE.test", "ＡＮＡ@example.test"])
def test_an_email_address_is_taken_whatever_its_case(email):
    UserFactory(username="first", email="ana@example.test")
    answer = call("POST", "register", ANA | {"email": email})
    assert answer.status_code == 400
    assert problem(answer) == field_errors(email=["This e-mail address is taken."])


@pytest.mark.django_db
def test_both_taken_names_are_reported_at_once():
    UserFactory(username="ana", email="ana@example.test")
    answer = call("POST", "register", ANA)
    assert problem(answer) == field_errors(
        username=["This username is taken."], email=["This e-mail address is taken."]
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"username": "ab"}, {"username": ["Ensure this field has at least 3 characters."]}),
        ({"username": "a" * 51}, {"username": ["Ensure this field has no more than 50 characters."]}),
        (
            {"username": "ana@example.test"},
            {"username": ["A username consists of the letters a to z, digits, and the characters . + - _ only."]},
        ),
        ({"email": "ana"}, {"email": ["Enter a valid email address."]}),
        ({"password": "ana-example"}, None),
        ({"password": "1234567890123"}, None),
        ({"password": "password"}, {"password": ["This password is too common."]}),
        ({"password": "Ana12345"}, None),
    ],
)
def test_bad_values_are_refused_field_by_field(change, errors):
    answer = call("POST", "register", ANA | {"username": "Ana12345x"} | change)
    assert answer.status_code == 400
    assert User.objects.count() == 0
    if errors:
        assert problem(answer) == field_errors(**errors)
    else:
        assert list(problem(answer)["errors"]) == ["password"]


@pytest.mark.django_db
@pytest.mark.parametrize("length", [3, 50])
def test_usernames_of_3_and_of_50_characters_are_fine(length):
    assert call("POST", "register", ANA | {"username": "a" * length}).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("extra", [{"total_xp": 5}, {"is_staff": True}, {"user_id": 1}, {"id": 1}])
def test_nothing_else_can_be_sent(extra):
    answer = call("POST", "register", ANA | extra)
    assert answer.status_code == 400
    assert list(problem(answer)["errors"]) == list(extra)
    assert User.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("missing", list(ANA))
def test_every_field_is_required(missing):
    answer = call("POST", "register", {name: value for name, value in ANA.items() if name != missing})
    assert problem(answer) == field_errors(**{missing: ["This field is required."]})


@pytest.mark.django_db(transaction=True)
def test_of_six_people_who_want_one_name_at_once_one_gets_it():
    def register(number):
        name = "rahma" if number % 2 else "Rahma"
        return call("POST", "register", ANA | {"username": name, "email": f"{number}@example.test"}).status_code

    assert sorted(at_once([partial(register, number) for number in range(6)])) == [201, 400, 400, 400, 400, 400]
    assert User.objects.count() == LearnerProfile.objects.count() == 1
