"""`find_learners` and `ensure_learners`: many learners by their external ids."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gamification.models import LearnerProfile
from skillquest.accounts.models import User
from skillquest.machines.learners import NewLearner, ensure_learners, find_learners
from tests.factories import StaffFactory, UserFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ensure(*external_ids, is_test=False, **fields):
    return ensure_learners([NewLearner(each, **fields) for each in external_ids], is_test=is_test, at=AT)


def refusal(external_id, *, is_test=False):
    return type(find_learners([external_id], is_test=is_test, at=AT).refused.get(external_id)).__name__


def count_statements(call):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        call()
    return len(queries)


def test_learners_are_created_once_and_found_afterwards():
    first, second = ensure("b", "a"), ensure("a", "b", "c")
    assert (first.created, second.created) == ({"a", "b"}, {"c"})
    assert {name: person.pk for name, person in first.people.items()}.items() <= {
        name: person.pk for name, person in second.people.items()
    }.items()
    assert User.objects.filter(external_id__in="abc").count() == 3


def test_a_new_learner_has_no_password_and_what_was_asked_for():
    person = ensure("pupil 7", display_name="Ana", time_zone="Asia/Jakarta").people["pupil 7"]
    stored = User.objects.get(pk=person.pk)
    assert (stored.has_usable_password(), stored.email, stored.language) == (False, "", "en")
    assert (stored.display_name, stored.display_name_skeleton) == ("Ana", "ana")
    assert stored.date_joined == AT
    assert stored.profile.time_zone == "Asia/Jakarta"
    assert (stored.profile.kind, stored.profile.listed) == ("member", True)
    assert "pupil" not in stored.username
    assert not User.history.filter(id=stored.pk).exists()


def test_a_test_key_creates_test_learners_who_stand_on_no_board():
    profile = LearnerProfile.objects.get(pk=ensure("a", is_test=True).people["a"].pk)
    assert (profile.kind, profile.listed) == ("test", False)


def test_new_learners_have_ascending_ids_in_the_order_of_their_external_ids():
    people = ensure("c", "a", "b").people
    assert people["a"].pk < people["b"].pk < people["c"].pk


def test_of_two_entries_with_one_id_the_first_decides():
    wanted = [NewLearner("a", display_name="First"), NewLearner("a", display_name="Second")]
    assert ensure_learners(wanted, is_test=False, at=AT).people["a"].display_name == "First"


def test_an_existing_account_does_not_change():
    ensure("a", display_name="Ana")
    assert ensure("a", display_name="Another").people["a"].display_name == "Ana"


def test_a_name_like_that_of_staff_or_like_a_sign_in_name_is_left_out():
    StaffFactory(display_name="The Head", display_name_skeleton="thehead")
    UserFactory(username="maria.lopez")
    wanted = [NewLearner("a", "The Head"), NewLearner("b", "Maria Lopez"), NewLearner("c", "Budi"), NewLearner("d")]
    found = ensure_learners(wanted, is_test=False, at=AT)
    assert {name: person.display_name for name, person in found.people.items()} == {
        "a": "",
        "b": "",
        "c": "Budi",
        "d": "",
    }
    assert found.unnamed == {"a", "b"}


def test_a_key_finds_only_learners_of_its_mode():
    ensure("live"), ensure("test", is_test=True)
    assert (refusal("live", is_test=True), refusal("test")) == ("LearnerNotFound", "LearnerNotFound")
    assert (refusal("live"), refusal("test", is_test=True)) == ("NoneType", "NoneType")


@pytest.mark.parametrize("rights", ["staff", "superuser", "permission", "group"])
def test_a_key_never_finds_an_account_with_rights(rights):
    person = UserFactory(external_id="boss", is_staff=rights == "staff", is_superuser=rights == "superuser")
    permission = Permission.objects.get(codename="award_xp")
    if rights == "permission":
        person.user_permissions.add(permission)
    if rights == "group":
        person.groups.add(Group.objects.create(name="Teachers"))  # which may be given rights at any time
    assert refusal("boss") == "LearnerNotFound"
    assert ensure("boss").people == {}


def test_a_deactivated_account_is_refused():
    UserFactory(external_id="gone", is_active=False)
    assert refusal("gone") == "LearnerDeactivated"


def test_external_ids_are_compared_exactly():
    ensure("Pupil")
    assert find_learners(["pupil", "Pupil "], is_test=False, at=AT).absent == {"pupil", "Pupil "}


def test_the_statements_do_not_grow_with_the_learners():
    one = count_statements(lambda: ensure("a"))
    many = count_statements(lambda: ensure(*(f"many-{number}" for number in range(1_000))))
    again = count_statements(lambda: ensure(*(f"many-{number}" for number in range(1_000))))
    # With those of two savepoints. SQLite takes the profiles in parts, since Django limits the parameters there.
    assert one == 7
    assert many <= (one if connection.vendor == "postgresql" else 50)
    assert again == 3


@pytest.mark.django_db(transaction=True)
def test_calls_at_the_same_time_create_each_learner_once():
    ids = [f"pupil-{number}" for number in range(20)]
    results = at_once([lambda part=part: ensure(*part) for part in (ids, ids[::-1], ids[5:], ids[:15])])
    assert User.objects.filter(external_id__in=ids).count() == 20
    assert LearnerProfile.objects.filter(user__external_id__in=ids).count() == 20
    assert sum(len(result.created) for result in results) == 20
    assert [len(result.people) for result in results] == [20, 20, 15, 15]
