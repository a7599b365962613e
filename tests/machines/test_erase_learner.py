"""DELETE learners/{external_id}, and what an erased external id means afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from gamification.errors import LearnerErased
from gamification.models import LearnerProfile
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.models import User
from skillquest.machines.learners import NewLearner, ensure_learners, find_learners
from skillquest.machines.learners_erasing import erase_learner
from skillquest.machines.models import ClaimLink, ErasedExternalId
from tests.accounts.personal_data import whole_database
from tests.factories import UserFactory
from tests.threads import at_once

from .keys import make_key, make_pupil
from .learner_calls import FULL, Server, problem

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def server():
    return Server()


def test_an_erased_learner_leaves_no_trace_of_the_id(server):
    user_id = server.put("pupil-xanthippe", **FULL).json()["user_id"]
    server.token("pupil-xanthippe"), server.claim_link("pupil-xanthippe")
    assert server.delete("pupil-xanthippe").status_code == 204
    person = User.objects.get(pk=user_id)
    assert (person.external_id, person.email, person.display_name, person.is_active) == (None, "", "", False)
    assert LearnerProfile.objects.get(pk=user_id).erased_at is not None
    assert not person.auth_sessions.exists()
    assert not ClaimLink.objects.exists()
    assert "xanthippe" not in str(whole_database()).casefold()


def test_the_same_again_changes_nothing(server):
    server.put()
    assert [server.delete().status_code for _ in range(3)] == [204] * 3
    assert ErasedExternalId.objects.count() == 1


def test_there_is_nobody_to_erase(server):
    assert problem(server.delete()) == (404, "learner_not_found", {})


@pytest.mark.parametrize("call", ["put", "get", "token", "claim_link"])
def test_an_erased_learner_is_gone(server, call):
    server.put()
    server.delete()
    assert problem(getattr(server, call)())[:2] == (410, "learner_erased")


def test_a_result_that_is_sent_late_gets_the_same_refusal(server):
    server.put()
    server.delete()
    answer = server.api.post(
        "/api/v1/levels/complete",
        {"level_id": "x", "score": 1},
        format="json",
        headers={"SkillQuest-Learner": "pupil-1"},
    )
    assert problem(answer)[:2] == (410, "learner_erased")


def test_an_event_that_is_sent_late_creates_no_new_account(server):
    server.put()
    server.delete()
    wanted = [NewLearner("pupil-1"), NewLearner("pupil-2")]
    found = ensure_learners(wanted, is_test=False, at=timezone.now())
    assert (set(found.people), set(found.refused)) == ({"pupil-2"}, {"pupil-1"})
    assert isinstance(found.refused["pupil-1"], LearnerErased)


def test_the_id_is_free_again_after_90_days(server):
    with time_machine.travel(AT, tick=False) as clock:
        server.put("one"), server.put("two")
        server.delete("one")
        clock.shift(timedelta(days=90) - timedelta(seconds=1))
        assert problem(server.put("one"))[0] == 410
        clock.shift(timedelta(seconds=1))
        assert problem(server.delete("one"))[0] == 404
        assert server.put("one").status_code == 201
        assert ErasedExternalId.objects.count() == 1
        server.delete("two")
        assert ErasedExternalId.objects.count() == 1  # what was kept of "one" is deleted


def test_a_person_who_erases_the_account_themselves_closes_the_id_too(server):
    person = make_pupil()
    erase_person(user_id=person.pk, at=timezone.now())
    assert problem(server.put())[:2] == (410, "learner_erased")


def test_erasing_somebody_without_an_external_id_keeps_nothing():
    erase_person(user_id=UserFactory().pk, at=timezone.now())
    assert not ErasedExternalId.objects.exists()


def test_ids_of_test_learners_are_closed_for_test_keys_only(server):
    trial = Server(mode="test")
    trial.put()
    trial.delete()
    assert problem(trial.put())[0] == 410
    assert server.put().status_code == 201


def test_a_deactivated_learner_can_be_erased(server):
    person = make_pupil(is_active=False)
    assert server.delete().status_code == 204
    assert LearnerProfile.objects.get(pk=person.pk).erased_at is not None


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_superuser": True}, {"profile__kind": "test"}])
def test_a_key_erases_nobody_with_rights_or_of_the_other_mode(server, fields):
    person = UserFactory(external_id="pupil-1", **fields)
    assert problem(server.delete())[:2] == (404, "learner_not_found")
    assert LearnerProfile.objects.get(pk=person.pk).erased_at is None


@pytest.mark.django_db(transaction=True)
def test_parallel_calls_erase_once():
    (key, _), person = make_key(), make_pupil()

    def call():
        erase_learner(external_id="pupil-1", key=key, at=timezone.now())

    at_once([call] * 4)
    assert LearnerProfile.objects.get(pk=person.pk).erased_at is not None
    assert find_learners(["pupil-1"], is_test=False, at=timezone.now()).refused
