"""DELETE of a learner."""

from contextlib import suppress
from datetime import datetime

from gamification.errors import LearnerErased, LearnerNotFound
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.security_log import note

from .external_ids import closed_ids
from .learners import people_with_rights, refusal_of
from .models import ServerKey


def erase_learner(*, external_id: str, key: ServerKey, at: datetime) -> None:
    """Erase the person, also one whom staff deactivated; do nothing where that happened a short time ago.

    Raises LearnerNotFound.
    """
    person = people_with_rights().filter(external_id=external_id).first()
    refusal = refusal_of(person, is_test=key.is_test) if person else LearnerNotFound()
    if isinstance(refusal, LearnerNotFound):
        if closed_ids([external_id], is_test=key.is_test, at=at):
            return
        raise refusal
    with suppress(LearnerErased):  # by another request, just now
        erase_person(user_id=person.pk, at=at)
        note("erased_by_key", user_id=person.pk, key=key.prefix)
