"""P29: of an erased person nothing is left, and the data of others does not change."""

import logging

import pytest
from django.core.management import call_command
from django.utils import timezone

from approvals.models import ApprovalRequest
from gamification.ledger.audit import find_mismatches
from gamification.models import LearnerProfile, LedgerEntry
from skillquest.accounts.models import AuthSession, BrowserSession, User
from tests.accounts.personal_data import (
    MARK,
    NOT_PLANTED,
    PLANTED,
    erase,
    found,
    make_person,
    note_in_admin,
    plant,
    rows_about,
    texts_of,
    unlocks_of,
)
from tests.factories import UserFactory, adjust
from tracking.models import Completion, IdempotencyKey, LearningSession

pytestmark = pytest.mark.django_db


def test_every_text_about_a_person_is_planted_or_nobody_can_choose_it(person):
    for model, _ in rows_about(person):
        assert texts_of(model) == {*PLANTED.get(model, {}), *NOT_PLANTED.get(model, ())}, model


def test_every_kind_of_row_about_a_person_is_there_before(person):
    assert [model for model, rows in rows_about(person) if not rows.exists()] == []


def test_texts_by_and_about_the_person_are_gone(person, staff):
    """As it is really written, by services, clients and the admin."""
    note_in_admin(person, staff, f"{MARK} was here")
    assert len(found(MARK)) >= 6
    erase(person)
    assert found(MARK) == {}


def test_nothing_planted_anywhere_is_left(person, staff):
    assert plant(person) > 10
    note_in_admin(person, staff, MARK)
    erase(person)
    assert found(MARK) == found("Kiritimati") == found("6ba7b810") == found("6ba7b8109dad") == {}


def test_the_row_that_stays_identifies_nobody(person):
    left = erase(person)
    user = User.objects.get(pk=person.pk)
    assert left == user
    assert user.username.startswith("erased-")
    assert (user.email, user.display_name, user.language, user.last_login) == ("", "", "en", None)
    assert (user.is_active, user.is_staff, user.is_superuser, user.has_usable_password()) == (False,) * 4
    assert not user.groups.exists()
    assert not user.user_permissions.exists()
    profile = LearnerProfile.objects.get(pk=person.pk)
    assert (profile.time_zone, profile.listed, profile.leaderboard_opt_out) == ("UTC", False, True)
    for model in (AuthSession, BrowserSession, IdempotencyKey):
        assert not model.objects.filter(user=person).exists()


def test_two_erased_people_have_different_names():
    names = {erase(UserFactory()).username for _ in range(3)}
    assert len(names) == 3


def test_logs_do_not_name_the_person(person, caplog, staff):
    caplog.set_level(logging.DEBUG)
    erase(person)
    assert MARK.casefold() not in caplog.text.casefold()
    assert f"erased user={person.pk}" in caplog.text


def test_ledger_entries_stay_without_texts(person):
    numbers = ["sequence", "delta", "reason", "balance_after", "reversal_of", "effective_at", "created_at", "actor"]
    lines = list(LedgerEntry.objects.filter(learner=person).values_list(*numbers))
    held = unlocks_of(person)
    erase(person)
    assert list(LedgerEntry.objects.filter(learner=person).values_list(*numbers)) == lines != []
    assert unlocks_of(person) == held != []
    assert find_mismatches() == []
    call_command("verify_ledger")


def test_a_reversal_keeps_the_reference_of_its_entry(person):
    erase(person)
    back = LedgerEntry.objects.get(learner=person, reason="reversal")
    assert back.reference_id == back.reversal_of.reference_id


def test_derived_totals_are_the_same_after_an_erasure(person):
    erase(person)
    call_command("rebuild_profiles", "--dry-run")


def test_rows_of_others_do_not_change(person):
    other = make_person("Hipparchia")
    before = {model: list(rows.order_by("pk").values()) for model, rows in rows_about(other)}
    erase(person)
    assert {model: list(rows.order_by("pk").values()) for model, rows in rows_about(other)} == before


def test_open_adjustment_requests_are_declined_and_approved_ones_stay(person):
    erase(person)
    waiting, approved = ApprovalRequest.objects.order_by("xp")
    assert (waiting.status, waiting.decided_by, waiting.reason) == ("declined", None, "[erased]")
    assert (approved.status, approved.note) == ("approved", "[erased]")
    paid = LedgerEntry.objects.get(pk=approved.result["entry_id"])
    assert (paid.delta, paid.reference_id) == (6_000, approved.payload["reference_id"])


def test_no_session_stays_open(person):
    erase(person)
    assert not LearningSession.objects.open().filter(learner=person).exists()


def test_the_actor_of_an_entry_stays_after_staff_are_erased(person, staff):
    line = adjust(learner_id=person.pk, amount=5, reason="A gift", actor=staff, at=timezone.now())
    erase(staff)
    line.refresh_from_db()
    assert (line.actor_id, line.note, line.actor.username.startswith("erased-")) == (staff.pk, "A gift", True)


def test_as_many_statements_with_one_completion_as_with_thirty(django_assert_max_num_queries):
    """Save one for each completion whose words are to go."""
    person = make_person()
    first = Completion.objects.get(learner=person)
    for _ in range(30):
        first.pk, first.client_event_id, first.metadata = None, None, {}
        first.save()
    with django_assert_max_num_queries(111):
        erase(person)
