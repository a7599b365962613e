"""XP that a server gives and takes with a key."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gamification.models import KeyAwards, LedgerEntry
from skillquest.machines.services import rotate_key
from tests.factories import StaffFactory, adjust
from tests.threads import at_once

from .keys import client_with, make_key, make_pupil

pytestmark = pytest.mark.django_db

AWARD = "/api/v1/gamification/xp/award"
PRIZE = {"xp_amount": 150, "reason": "Won the science fair"}


def give(learner, amount):
    adjust(learner_id=learner.pk, amount=amount, reason="Moved", actor=StaffFactory(), at=timezone.now())


@pytest.fixture(autouse=True)
def limit(settings):
    settings.SERVER_KEY_AWARD_PER_DAY = 1_000


def test_a_key_gives_xp_to_the_learner_of_its_header():
    pupil = make_pupil()
    key, token = make_key(scopes=["award"])
    answer = client_with(token, "pupil-1").post(AWARD, PRIZE | {"note": "Stand 4"})
    entry = LedgerEntry.objects.get()
    assert (answer.status_code, answer.json()["total_xp"], answer.json()["trust"]) == (200, 150, "verified")
    assert (entry.learner, entry.actor, entry.stated_reason) == (pupil, None, PRIZE["reason"])
    assert entry.note == f"Won the science fair\nBy server key {key.prefix}.\nStand 4"


def test_no_second_person_is_asked(settings):
    settings.XP_APPROVAL_ABOVE = 100
    make_pupil()
    _, token = make_key(scopes=["award"])
    assert client_with(token, "pupil-1").post(AWARD, PRIZE).status_code == 200


def test_it_takes_the_scope_award():
    make_pupil()
    _, token = make_key(scopes=["track", "read", "learners"])
    answer = client_with(token, "pupil-1").post(AWARD, PRIZE)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_the_header_names_the_learner_and_the_body_no_other():
    pupil, other = make_pupil(), make_pupil("pupil-2")
    client = client_with(make_key(scopes=["award"])[1], "pupil-1")
    assert client.post(AWARD, PRIZE | {"user_id": other.pk}).status_code == 400
    assert client.post(AWARD, PRIZE | {"user_id": pupil.pk}).status_code == 200
    answer = client_with(make_key(name="B", scopes=["award"])[1]).post(AWARD, PRIZE | {"user_id": pupil.pk})
    assert (answer.status_code, answer.json()["code"]) == (400, "learner_required")


def test_people_still_have_to_name_the_learner(staff_api):
    answer = staff_api.post(AWARD, PRIZE)
    assert (answer.status_code, answer.json()["errors"]) == (400, {"user_id": ["This field is required."]})


def test_what_is_given_and_taken_counts_towards_the_limit_of_the_day():
    give(make_pupil(), 2_000)
    client = client_with(make_key(scopes=["award"])[1], "pupil-1")
    answers = [client.post(AWARD, PRIZE | {"xp_amount": amount}) for amount in (600, -400, 1)]
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert answers[2].json()["code"] == "key_awards_used_up"
    assert KeyAwards.objects.get().xp == 1_000


def test_a_repeat_with_its_reference_counts_once():
    make_pupil()
    client = client_with(make_key(scopes=["award"])[1], "pupil-1")
    answers = [client.post(AWARD, PRIZE | {"xp_amount": 600, "reference_id": "fair"}) for _ in range(3)]
    assert [answer.json()["is_new_award"] for answer in answers] == [True, False, False]
    assert KeyAwards.objects.get().xp == 600


def test_the_limit_begins_again_the_next_day(time_machine):
    time_machine.move_to("2030-01-01T23:59:00Z", tick=False)
    make_pupil()
    client = client_with(make_key(scopes=["award"])[1], "pupil-1")
    assert client.post(AWARD, PRIZE | {"xp_amount": 1_000}).status_code == 200
    time_machine.move_to("2030-01-02T00:00:00Z", tick=False)
    assert client.post(AWARD, PRIZE | {"xp_amount": 1_000}).status_code == 200


def test_a_rotated_key_gives_no_more_than_one():
    make_pupil()
    key, old = make_key(scopes=["award"])
    at = timezone.now()
    _, new = rotate_key(key, actor=StaffFactory(), until=at + timedelta(hours=1), at=at)
    answers = [client_with(token, "pupil-1").post(AWARD, PRIZE | {"xp_amount": 600}) for token in (old, new.text)]
    assert [answer.status_code for answer in answers] == [200, 409]


@pytest.mark.django_db(transaction=True)
def test_parallel_awards_never_exceed_the_limit():
    pupils = [make_pupil(f"pupil-{number}").external_id for number in range(8)]
    _, token = make_key(scopes=["award"])
    clients = [client_with(token, pupil) for pupil in pupils]
    answers = at_once([lambda each=each: each.post(AWARD, PRIZE | {"xp_amount": 300}) for each in clients])
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 5
    assert sum(LedgerEntry.objects.values_list("delta", flat=True)) == KeyAwards.objects.get().xp == 900
