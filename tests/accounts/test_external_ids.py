"""The customer's own id of a person."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_two_people_cannot_have_the_same_external_id():
    UserFactory(external_id="pupil-1")
    with pytest.raises(IntegrityError):
        UserFactory(external_id="pupil-1")


def test_external_ids_differ_by_their_case():
    assert UserFactory(external_id="pupil-1").pk != UserFactory(external_id="Pupil-1").pk


def test_any_number_of_people_have_none():
    assert UserFactory(external_id=None).pk != UserFactory(external_id=None).pk


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\u200bb", "x" * 129])
def test_an_external_id_has_at_most_128_printable_characters(text):
    person = UserFactory()
    person.external_id = text
    with pytest.raises(ValidationError, match="external_id"):
        person.full_clean()
