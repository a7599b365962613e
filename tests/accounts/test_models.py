import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from skillquest.accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "second",
    [
        {"username": "Ana"},
        {"username": "ANA"},
        {"email": "ana@example.test"},
        {"email": "ANA@example.test"},
    ],
)
def test_the_database_refuses_a_second_account(second):
    UserFactory(username="ana", email="Ana@example.test")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(**({"username": "other", "email": "other@example.test"} | second))


def test_many_people_may_have_no_email_address():
    UserFactory(username="one", email="")
    UserFactory(username="two", email="")
    assert not User.objects.with_email("").exists()


@pytest.mark.parametrize("name", ["a@b", "a b", "é", "а", "a\n", "-/-", ""])
def test_usernames_contain_only_plain_characters(name):
    with pytest.raises(ValidationError) as refusal:
        User(username=f"abc{name}" if name else "", password="x").clean_fields()
    assert list(refusal.value.message_dict) == ["username"]


@pytest.mark.parametrize("identifier", ["ana", "ANA@EXAMPLE.TEST"])
def test_a_search_for_a_username_uses_the_index_of_its_constraint(identifier):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # a handful of rows is read faster without any index
    plan = User.objects.known_as(identifier).explain()
    assert "username_unique_whatever_case" in plan or "email_unique_by_normal_form" in plan


def test_a_name_to_show_is_the_display_name_or_else_the_username():
    assert UserFactory(username="ana").get_full_name() == "ana"
    assert UserFactory(username="budi", display_name="Pak Budi").get_full_name() == "Pak Budi"


def test_the_migration_is_up_to_date():
    call_command("makemigrations", "accounts", check=True, dry_run=True, verbosity=0)
