"""The learner for whom a server key acts."""

from urllib.parse import unquote_to_bytes

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from gamification.errors import LearnerErased, LearnerNotFound
from hotsql.querysets import Prepared
from skillquest.accounts.models import User

from .external_ids import closed_ids
from .learners import people_with_rights, refusal_of
from .models import ServerKey

LONGEST_ID = 128


class NoLearner(AnonymousUser):
    """Who sends a request of a key that names no learner: signed in, without an id and without rights."""

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def is_anonymous(self) -> bool:
        return False


_find = Prepared(lambda external_id: people_with_rights().filter(external_id=external_id))


def find_learner(key: ServerKey, external_id: str) -> User:
    """Raise LearnerNotFound, also for learners whom the key may not act for, LearnerDeactivated or LearnerErased."""
    found = _find(external_id) if is_external_id(external_id) else []
    refusal = refusal_of(found[0], is_test=key.is_test) if found else LearnerNotFound()
    if isinstance(refusal, LearnerNotFound) and closed_ids([external_id], is_test=key.is_test, at=timezone.now()):
        raise LearnerErased
    if refusal:
        raise refusal
    return found[0]


def is_external_id(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_ID and text.isprintable()


def external_id_in(header: str) -> str:
    """The id in the header, where it is written as in a path: UTF-8, percent-encoded where it is not ASCII.

    Raise LearnerNotFound for what is no text in UTF-8.
    """
    try:
        return unquote_to_bytes(header.encode("latin-1")).decode()
    except UnicodeError:
        raise LearnerNotFound from None
