"""P29: of an erased person nothing is left, and the data of others does not change."""

import logging

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.utils import timezone

from gamification.errors import LearnerErased
from gamification.ledger.audit import find_mismatches
from gamification.models import AdjustmentRequest, LearnerProfile, LedgerEntry
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.models import AuthSession, BrowserSession, User
from tests.accounts.api_calls import INVALID_CREDENTIALS, INVALID_TOKEN, NOT_SIGNED_IN, call, field_errors, problem
from tests.accounts.personal_data import (
    MARK,
    NOT_PLANTED,
    PLANTED,
    found,
    make_person,
    note_in_admin,
    plant,
    rows_about,
    texts_of,
    unlocks_of,
    whole_database,
)
from tests.factories import PASSWORD, StaffFactory, UserFactory, adjust
from tracking.models import Completion, IdempotencyKey, LearningSession

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_person()


def erase(person, **options):
    return erase_person(user_id=person.pk, at=timezone.now(), **options)


# --- Nothing is left --------------------------------------------------------------------------------------------------


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


# --- What was earned stays, and everybody else's too ------------------------------------------------------------------


def test_the_lines_stay_as_numbers(person):
    numbers = ["sequence", "delta", "reason", "balance_after", "reversal_of", "effective_at", "created_at", "actor"]
    lines = list(LedgerEntry.objects.filter(learner=person).values_list(*numbers))
    held = unlocks_of(person)
    erase(person)
    assert list(LedgerEntry.objects.filter(learner=person).values_list(*numbers)) == lines != []
    assert unlocks_of(person) == held != []
    assert find_mismatches() == []
    call_command("verify_ledger")


def test_a_reversal_still_bears_the_reference_of_its_line(person):
    erase(person)
    back = LedgerEntry.objects.get(learner=person, reason="reversal")
    assert back.reference_id == back.reversal_of.reference_id


def test_everything_derived_is_derived_alike_afterwards(person):
    erase(person)
    call_command("rebuild_profiles", "--dry-run")


def test_rows_of_others_do_not_change(person):
    other = make_person("Hipparchia")
    before = {model: list(rows.order_by("pk").values()) for model, rows in rows_about(other)}
    erase(person)
    assert {model: list(rows.order_by("pk").values()) for model, rows in rows_about(other)} == before


def test_open_adjustment_requests_are_declined_and_approved_ones_stay(person):
    erase(person)
    waiting, approved = AdjustmentRequest.objects.order_by("amount")
    assert (waiting.status, waiting.decided_by, waiting.reason) == ("declined", None, "[erased]")
    assert (approved.status, approved.entry.delta, approved.note) == ("approved", 6_000, "[erased]")


def test_no_session_stays_open(person):
    erase(person)
    assert not LearningSession.objects.open().filter(learner=person).exists()


def test_a_colleague_who_leaves_stays_a_number_on_what_they_did(person, staff):
    line = adjust(learner_id=person.pk, amount=5, reason="A gift", actor=staff, at=timezone.now())
    erase(staff)
    line.refresh_from_db()
    assert (line.actor_id, line.note, line.actor.username.startswith("erased-")) == (staff.pk, "A gift", True)


# --- What staff wrote about others ------------------------------------------------------------------------------------


@pytest.fixture
def mention(staff):
    """A line of somebody else that names the person in three ways."""
    note = f"As for {MARK}@example.test.\n{MARK.upper()} asked for it. So did {MARK} of Athens; not {MARK}s."
    return adjust(learner_id=UserFactory().pk, amount=5, reason=note, actor=staff, at=timezone.now())


def test_their_address_is_struck_out_and_their_names_are_words_of_others(person, mention):
    """A name may be any word: by taking one and leaving, a person could remove it from every note."""
    erase(person)
    mention.refresh_from_db()
    assert mention.note == f"As for [erased].\n{MARK.upper()} asked for it. So did {MARK} of Athens; not {MARK}s."


def test_with_their_names_too_where_somebody_has_looked(person, mention):
    erase(person, names_too=True)
    mention.refresh_from_db()
    assert mention.note == f"As for [erased].\n[erased] asked for it. So did [erased]; not {MARK}s."


def test_of_two_names_the_longer_one_is_struck_out_whole(staff):
    person = UserFactory(username="dio", display_name="Dio of Prusa")
    line = adjust(learner_id=UserFactory().pk, amount=5, reason="By Dio of Prusa, dio!", actor=staff, at=timezone.now())
    erase(person, names_too=True)
    line.refresh_from_db()
    assert line.note == "By [erased], [erased]!"


# --- Sign-in ----------------------------------------------------------------------------------------------------------


def test_nobody_gets_in_any_more(learner, pair, security_log):
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


def test_by_cookie_the_cookie_dies(client, learner):
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


def test_they_leave_every_board(person, learner_api, learner):
    def listed():
        entries = learner_api.get("/api/v1/leaderboard").json()["entries"]
        return [entry["user_id"] for entry in entries]

    assert person.pk in listed()
    erase(person)
    assert person.pk not in listed()
    assert learner_api.get(f"/api/v1/users/{person.pk}/progress").status_code == 404
    assert learner_api.get(f"/api/v1/badges/users/{person.pk}").status_code == 404


def test_as_many_statements_with_one_completion_as_with_thirty(django_assert_max_num_queries):
    """Save one for each completion whose words are to go."""
    person = make_person()
    first = Completion.objects.get(learner=person)
    for _ in range(30):
        first.pk, first.client_event_id, first.metadata = None, None, {}
        first.save()
    with django_assert_max_num_queries(75):
        erase(person)


# --- By staff ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def boss(client, staff):
    client.force_login(staff)
    return client


def page_of(person):
    return f"/admin/accounts/user/{person.pk}/erase/"


def test_staff_see_where_else_the_names_stand_and_erase(boss, person, mention, staff):
    assert page_of(person) in boss.get(f"/admin/accounts/user/{person.pk}/change/").content.decode()
    page = boss.get(page_of(person)).content.decode()
    assert f"{MARK.upper()} asked for it" in page
    answer = boss.post(page_of(person), {"username": MARK, "names_too": "on"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/accounts/user/")
    assert found(f"{MARK}@") == {}
    entry = LogEntry.objects.get(object_id=str(person.pk), change_message="Erased.")
    assert (entry.user, entry.object_repr) == (staff, User.objects.get(pk=person.pk).username)


@pytest.mark.parametrize("typed", ["", "xanthippe", "somebody else"])
def test_staff_have_to_type_the_name(boss, person, typed):
    assert boss.post(page_of(person), {"username": typed}).status_code == 200
    assert User.objects.get(pk=person.pk).is_active


def test_nobody_erases_themselves_here_or_somebody_erased(boss, staff, person):
    assert boss.post(page_of(staff), {"username": staff.username}).status_code == 403
    left = erase(person)
    assert boss.post(page_of(left), {"username": left.username}).status_code == 403
    assert boss.post(f"/admin/accounts/user/{left.pk}/change/", {"is_active": "on"}).status_code == 403


def test_it_takes_a_right_and_for_colleagues_all_rights(client, person):
    helper, colleague = UserFactory(is_staff=True), StaffFactory()
    client.force_login(helper)
    assert client.post(page_of(person), {"username": MARK}).status_code == 403
    rights = models.Q(codename__in=["erase_user", "change_user", "view_user"])
    helper.user_permissions.set(helper.user_permissions.model.objects.filter(rights))
    assert client.post(page_of(colleague), {"username": colleague.username}).status_code == 403
    assert client.post(page_of(person), {"username": MARK}).status_code == 302
