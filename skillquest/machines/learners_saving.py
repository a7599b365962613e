"""PUT of a learner: create the account, or change what differs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from rest_framework.exceptions import ValidationError

from gamification.awards import profile_of
from gamification.errors import LearnerErased, LearnerNotFound
from gamification.models import LearnerProfile
from skillquest.accounts.display_names import LOOKS_LIKE_SOMEBODY, refused_names
from skillquest.accounts.models import User
from skillquest.accounts.security_log import note
from skillquest.accounts.services import change_account

from .learners import NewLearner, find_learners, insert_people, new_person
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
        with transaction.atomic():
            created = create_learner(NewLearner(external_id, **fields), is_test=is_test, at=at)
            return created or change_learner(external_id, fields, is_test=is_test, at=at)
    except IntegrityError:
        # The other account is committed by now, so a query finds it.
        if User.objects.with_email(fields.get("email", "")).exists():
            raise EmailTaken from None
        raise


def create_learner(learner: NewLearner, *, is_test: bool, at: datetime) -> SavedLearner | None:
    """None where the account exists, also where another request has created it just now."""
    if not find_learners([learner.external_id], is_test=is_test).absent:
        return None
    if refused_names({learner.display_name}):
        raise ValidationError({"display_name": [LOOKS_LIKE_SOMEBODY]})
    person = new_person(learner, at)
    insert_people([person], [learner], is_test=is_test)
    if person.pk is None:
        return None
    note("learner_created", user_id=person.pk)
    return SavedLearner(person, profile_of(person), is_new=True)


def change_learner(external_id: str, fields: dict[str, Any], *, is_test: bool, at: datetime) -> SavedLearner:
    """The person who has claimed the account decides about it: it does not change."""
    person = locked_learner(external_id, is_test=is_test)
    changes = {} if person.has_usable_password() else changes_of(person, fields)
    if "email" in changes:
        person.email = changes.pop("email")
        person.save(update_fields=["email"])
    if changes:
        change_account(user=person, changes=changes, at=at)
    return SavedLearner(person, profile_of(person))


def locked_learner(external_id: str, *, is_test: bool) -> User:
    """The account, locked against other changes. Raises ExternalIdTaken, LearnerDeactivated and LearnerErased."""
    User.objects.select_for_update(no_key=True).filter(external_id=external_id).first()
    found = find_learners([external_id], is_test=is_test)
    if external_id in found.people:
        return found.people[external_id]
    refusal = found.refused.get(external_id, LearnerErased())
    raise ExternalIdTaken if isinstance(refusal, LearnerNotFound) else refusal


def changes_of(person: User, fields: dict[str, Any]) -> dict[str, Any]:
    profile = profile_of(person)
    now = {name: getattr(profile if name == "time_zone" else person, name) for name in fields}
    return {name: value for name, value in fields.items() if value != now[name]}
