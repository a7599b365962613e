"""PUT of a learner: create the account, or change what differs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from rest_framework.exceptions import ValidationError

from gamification.awards import profile_of
from gamification.errors import LearnerNotFound
from gamification.models import LearnerProfile
from skillquest.accounts.display_names import LOOKS_LIKE_SOMEBODY, refused_names
from skillquest.accounts.models import User
from skillquest.accounts.security_log import note
from skillquest.accounts.services import change_account

from .learners import NewLearner, find_learners, insert_people, locked_learner, new_person
from .learners_errors import EmailTaken, ExternalIdTaken


@dataclass(frozen=True)
class SavedLearner:
    user: User
    profile: LearnerProfile
    is_new: bool = False


def save_learner(*, external_id: str, fields: dict[str, Any], is_test: bool, at: datetime) -> SavedLearner:
    """Create the learner, or change those `fields` that differ: display_name, email, time_zone, language.

    Raises ValidationError, EmailTaken, ExternalIdTaken, LearnerDeactivated, LearnerErased and TimeZoneChangeTooSoon.
    """
    try:
        return save_once(external_id, fields, is_test=is_test, at=at)
    except IntegrityError:
        # Another request created this learner just now, with the same e-mail address, or somebody else has it.
        if not User.objects.with_email(fields.get("email", "")).exists():
            raise
    try:
        return save_once(external_id, fields, is_test=is_test, at=at)
    except IntegrityError:
        raise EmailTaken from None


@transaction.atomic
def save_once(external_id: str, fields: dict[str, Any], *, is_test: bool, at: datetime) -> SavedLearner:
    found = find_learners([external_id], is_test=is_test, at=at)
    if found.absent and (created := create_learner(NewLearner(external_id, **fields), is_test=is_test, at=at)):
        return created
    try:
        person = locked_learner(external_id, is_test=is_test, at=at)
    except LearnerNotFound:
        raise ExternalIdTaken from None
    return change_learner(person, fields, at=at)


def create_learner(learner: NewLearner, *, is_test: bool, at: datetime) -> SavedLearner | None:
    """None where another request has created the account just now."""
    if refused_names({learner.display_name}):
        raise ValidationError({"display_name": [LOOKS_LIKE_SOMEBODY]})
    person = new_person(learner, at)
    insert_people([person], [learner], is_test=is_test)
    if person.pk is None:
        return None
    note("learner_created", user_id=person.pk)
    return SavedLearner(person, profile_of(person), is_new=True)


def change_learner(person: User, fields: dict[str, Any], *, at: datetime) -> SavedLearner:
    """A person who has claimed the account decides about it: then nothing changes."""
    changes = {} if person.has_usable_password() else changes_of(person, fields)
    if "email" in changes:
        person.email = changes.pop("email")
        person.save(update_fields=["email"])
    if changes:
        change_account(user=person, changes=changes, at=at)
    return SavedLearner(person, profile_of(person))


def changes_of(person: User, fields: dict[str, Any]) -> dict[str, Any]:
    profile = profile_of(person)
    now = {name: getattr(profile if name == "time_zone" else person, name) for name in fields}
    return {name: value for name, value in fields.items() if value != now[name]}
