"""Finding people by how a name, an e-mail address or an id begins."""

import re

import pytest
from django.db import connection
from django.utils import timezone

from skillquest.accounts.models import User
from skillquest.admin_site.search import find_learners
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
TABLE_READ_WHOLE = {"sqlite": r"SCAN accounts_user(?! USING)", "postgresql": r"Seq Scan on accounts_user"}


@pytest.fixture
def maria():
    return UserFactory(
        username="Maria.S", email="Maria@Bücher.example", display_name="José “Zé” Änderson", external_id="EMP-0017"
    )


@pytest.mark.parametrize(
    "text",
    [
        "maria",
        "MARIA.s",
        "  mar  ",
        "maria@",
        "MARIA@bücher.example",
        "maria@xn--bcher-kva.example",
        "jose",
        "JOSÉ Z",
        "josé “zé” än",
        "joséze",
        "EMP-00",
    ],
)
def test_people_are_found_by_how_something_of_theirs_begins(maria, text):
    UserFactory(username="somebody", display_name="Some Body", external_id="0017")
    assert list(User.objects.like(text, 5)) == [maria]


@pytest.mark.parametrize("text", ["", "  ", "aria", "bücher", "emp-00", "%", "_", "mar%", "mar\\", "…", "99999999"])
def test_other_people_are_not_found(maria, text):
    assert list(User.objects.like(text, 5)) == []


def test_a_name_is_found_while_it_is_typed():
    """The next letter changes how the end of what was typed is compared: "rn" looks like "m"."""
    bernd = UserFactory(username="b1", display_name="Bernd Ørn Ångström Jr.")
    for length in range(1, len(bernd.display_name) + 1):
        assert list(User.objects.like(bernd.display_name[:length], 5).exclude(username__startswith="learner")) == [
            bernd
        ]


def test_people_are_found_by_their_number(maria):
    assert list(User.objects.like(str(maria.pk), 5)) == [maria]
    assert list(User.objects.like("9" * 30, 5)) == []


def test_a_number_of_people_is_found_at_most_by_each_way():
    for number in range(4):
        UserFactory(username=f"ana{number}", email="", display_name="")
    UserFactory(username="zoe", email="ana@example.test", display_name="")
    assert sorted(User.objects.like("ana", 2).values_list("username", flat=True)) == ["ana0", "ana1", "zoe"]


def test_the_found_can_be_filtered_ordered_and_counted(maria, django_assert_num_queries):
    UserFactory(username="mario", is_active=False)
    with django_assert_num_queries(1):
        assert User.objects.filter(is_active=True).like("mar", 5).order_by("-username")[:3].count() == 1


def test_people_without_a_profile_are_no_learners(maria):
    User.objects.create(username="marianne", last_login=timezone.now())
    assert [profile.pk for profile in find_learners("mar", 5)] == [maria.pk]


@pytest.mark.parametrize("text", ["person9", "somebody-else", "p", "person1@example.test", "17"])
def test_no_search_reads_the_whole_table(text):
    User.objects.bulk_create(
        User(
            username=f"person{number}",
            email_normal_form=f"person{number}@example.test",
            display_name_skeleton=f"person{number}",
            external_id=f"person-{number}",
        )
        for number in range(3_000)
    )
    if connection.vendor == "postgresql":
        connection.cursor().execute("ANALYZE accounts_user")
    plan = find_learners(text, 5).order_by("pk")[:5].explain()
    assert re.findall(TABLE_READ_WHOLE[connection.vendor], plan) == [], plan
