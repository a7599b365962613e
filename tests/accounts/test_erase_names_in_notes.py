"""An erased person named in notes about others."""

import pytest
from django.utils import timezone

from tests.accounts.personal_data import (
    MARK,
    erase,
)
from tests.factories import UserFactory, adjust

pytestmark = pytest.mark.django_db


def test_email_addresses_in_notes_are_replaced_and_names_stay(person, mention):
    """A name may be any word: by taking one and leaving, a person could remove it from every note."""
    erase(person)
    mention.refresh_from_db()
    assert mention.note == f"As for [erased].\n{MARK.upper()} asked for it. So did {MARK} of Athens; not {MARK}s."


def test_names_in_notes_are_replaced_too_if_staff_ask_for_it(person, mention):
    erase(person, names_too=True)
    mention.refresh_from_db()
    assert mention.note == f"As for [erased].\n[erased] asked for it. So did [erased]; not {MARK}s."


def test_of_two_names_the_longer_one_is_replaced_first(staff):
    person = UserFactory(username="dio", display_name="Dio of Prusa")
    line = adjust(learner_id=UserFactory().pk, amount=5, reason="By Dio of Prusa, dio!", actor=staff, at=timezone.now())
    erase(person, names_too=True)
    line.refresh_from_db()
    assert line.note == "By [erased], [erased]!"
