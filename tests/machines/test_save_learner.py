"""PUT learners/{external_id}."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.models import LearnerProfile, TimeZoneChange
from skillquest.accounts.models import EMAIL_TAKEN, User
from skillquest.machines.learners_saving import save_learner
from tests.factories import StaffFactory, UserFactory
from tests.threads import at_once

from .keys import make_pupil
from .learner_calls import FULL, Server, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    return Server()


def writes_of(call):
    with CaptureQueriesContext(connection) as queries:
        answer = call()
    words = ("INSERT", "UPDATE", "DELETE")
    ours = [query["sql"] for query in queries if query["sql"].startswith(words)]
    return answer, [sql for sql in ours if "machines_serverkey" not in sql]


def test_a_new_learner_is_created(server):
    with time_machine.travel(timezone.now(), tick=False):
        answer = server.put(**FULL)
        now = timezone.now().isoformat().replace("+00:00", "Z")
    person = User.objects.get(external_id="pupil-1")
    assert answer.status_code == 201
    assert answer.json() == {
        "success": True,
        "user_id": person.pk,
        "external_id": "pupil-1",
        "display_name": "Ana",
        "time_zone": "Asia/Jakarta",
        "language": "id",
        "kind": "member",
        "claimed": False,
        "created_at": now,
    }
    assert (person.email, person.email_normal_form) == ("ana@example.test", "ana@example.test")
    assert not person.has_usable_password()


def test_all_fields_may_be_left_out(server):
    answer = server.put()
    assert answer.status_code == 201
    assert {answer.json()[name] for name in ("display_name", "time_zone", "language")} == {"", "UTC", "en"}


def test_the_same_again_changes_nothing(server):
    first = server.put(**FULL)
    again, writes = writes_of(lambda: server.put(**FULL))
    assert (again.status_code, again.json()) == (200, first.json())
    assert writes == []
    assert not User.history.filter(id=first.json()["user_id"]).exists()


def test_fields_that_are_left_out_stay(server):
    server.put(**FULL)
    answer = server.put(display_name="Anna")
    assert {name: answer.json()[name] for name in FULL if name != "email"} == {
        **{name: FULL[name] for name in ("time_zone", "language")},
        "display_name": "Anna",
    }
    assert User.objects.get(external_id="pupil-1").email == "ana@example.test"


def test_what_differs_is_changed(server):
    server.put()
    answer = server.put(**FULL)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("display_name", "time_zone", "language")} == {
        name: FULL[name] for name in ("display_name", "time_zone", "language")
    }
    assert User.objects.get(external_id="pupil-1").email_normal_form == "ana@example.test"
    assert TimeZoneChange.objects.get().time_zone == "Asia/Jakarta"


def test_an_email_address_can_be_removed(server):
    server.put(**FULL)
    assert server.put(email="").status_code == 200
    assert User.objects.get(external_id="pupil-1").email == ""


def test_groups_are_an_unknown_field(server):
    assert problem(server.put(groups=["7b"])) == (400, "invalid", {"groups": ["Unknown field."]})
    assert not User.objects.filter(external_id="pupil-1").exists()


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", "a\nb"),
        ("display_name", "The Head"),
        ("time_zone", "Mars/Olympus"),
        ("language", "xx"),
        ("email", "nobody"),
        ("email", None),
    ],
)
def test_an_invalid_value_changes_nothing(server, field, value, exists):
    StaffFactory(display_name="The Head")
    if exists:
        server.put()
    before = list(User.objects.filter(external_id="pupil-1").values())
    status, _, errors = problem(server.put(**{**FULL, field: value}))
    assert (status, list(errors)) == (400, [field])
    assert list(User.objects.filter(external_id="pupil-1").values()) == before


def test_a_display_name_changes_twice_a_day(server, settings):
    settings.RATELIMIT_ENABLE = True
    server.put(display_name="One")
    assert [server.put(display_name=name).status_code for name in ("Two", "Three", "Four")] == [200, 200, 400]


def test_a_time_zone_changes_once_in_24_hours(server):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        server.put(time_zone="Asia/Jakarta")
        assert server.put(time_zone="Asia/Tokyo").status_code == 200
        refused = server.put(time_zone="UTC", display_name="Ana")
        clock.shift(timedelta(hours=24))
        allowed = server.put(time_zone="UTC")
    assert problem(refused)[:2] == (409, "time_zone_change_too_soon")
    assert (allowed.status_code, allowed.json()["display_name"]) == (200, "")


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("owner", ["learner", "staff", "inactive", "pupil"])
def test_a_taken_email_address_links_to_no_account(server, owner, exists):
    fields = {"is_staff": owner == "staff", "is_active": owner != "inactive"}
    other = UserFactory(email="Ana@Example.test", external_id="x" if owner == "pupil" else None, **fields)
    if exists:
        server.put()
    answer = server.put(**FULL)
    assert problem(answer) == (409, "email_taken", {})
    assert "another account" in answer.json()["detail"]
    other.refresh_from_db()
    assert (other.email, other.external_id) == ("Ana@Example.test", "x" if owner == "pupil" else None)
    assert User.objects.filter(external_id="pupil-1").exists() is exists
    assert str(EMAIL_TAKEN) not in answer.content.decode()


def test_a_person_who_has_claimed_the_account_decides_about_it(server):
    pupil = make_pupil("pupil-1", display_name="Own choice", email="own@example.test")
    answer, writes = writes_of(lambda: server.put(**FULL))
    assert (answer.status_code, answer.json()["claimed"], answer.json()["display_name"]) == (200, True, "Own choice")
    assert writes == []
    assert User.objects.get(pk=pupil.pk).email == "own@example.test"
    assert "own@example.test" not in answer.content.decode()


def test_the_answer_never_contains_username_or_email(server):
    username = User.objects.get(pk=server.put(**FULL).json()["user_id"]).username
    for answer in (server.put(**FULL), server.get()):
        assert username not in answer.content.decode()
        assert "ana@example.test" not in answer.content.decode()


def test_a_test_key_and_a_live_key_do_not_touch_each_others_learners(server):
    trial = Server(mode="test")
    assert trial.put("trial").json()["kind"] == "test"
    server.put("live")
    assert problem(server.put("trial"))[:2] == problem(trial.put("live"))[:2] == (409, "external_id_taken")
    assert LearnerProfile.objects.get(user__external_id="trial").listed is False


def test_a_key_never_changes_an_account_with_rights(server):
    UserFactory(external_id="boss", is_staff=True, display_name="")
    assert problem(server.put("boss", **FULL))[:2] == (409, "external_id_taken")
    assert User.objects.get(external_id="boss").display_name == ""


def test_a_deactivated_account_stays_deactivated(server):
    make_pupil(is_active=False)
    assert problem(server.put(**FULL))[:2] == (409, "learner_deactivated")


@pytest.mark.parametrize(
    ("in_path", "external_id"),
    [
        ("pupil%201", "pupil 1"),
        ("%C3%A9l%C3%A8ve", "élève"),
        ("50%25", "50%"),
        ("a%3Fb%23c", "a?b#c"),
        ("mail@example.org", "mail@example.org"),
        ("x" * 128, "x" * 128),
        ("token", "token"),
        ("🦉", "🦉"),
    ],
)
def test_an_external_id_is_kept_as_it_was_sent(server, in_path, external_id):
    assert server.put(in_path).json()["external_id"] == external_id
    assert server.get(in_path).json()["external_id"] == external_id
    assert server.token(in_path).status_code == 201


@pytest.mark.parametrize("in_path", ["x" * 129, "%20a", "a%20", "a%0Ab", "a%E2%80%8Bb", "%2E%2E", "%2E", "%C2%A0"])
def test_an_impossible_external_id_is_refused(server, in_path):
    for call in (server.put, server.get, server.delete, server.token, server.claim_link):
        status, _, errors = problem(call(in_path))
        assert (status, list(errors)) == (400, ["external_id"])
    assert not User.objects.exclude(external_id=None).exists()


def test_a_slash_in_an_external_id_leads_nowhere(server):
    assert problem(server.put("a%2Fb"))[:2] == (404, "not_found")


@pytest.mark.django_db(transaction=True)
def test_parallel_calls_create_one_learner():
    def call():
        return save_learner(external_id="pupil-1", fields=FULL, is_test=False, at=timezone.now())

    saved = at_once([call] * 6)
    assert sorted(each.is_new for each in saved) == [False] * 5 + [True]
    assert len({each.user.pk for each in saved}) == 1
    assert User.objects.filter(external_id="pupil-1").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_parallel_learners_with_one_email_address_one_is_created():
    def saving(number):
        def call():
            try:
                save_learner(external_id=f"pupil-{number}", fields=FULL, is_test=False, at=timezone.now())
            except Exception as refused:
                return type(refused).__name__
            return "saved"

        return call

    assert sorted(at_once([saving(number) for number in range(4)])) == ["EmailTaken"] * 3 + ["saved"]
