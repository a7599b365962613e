"""The learner for whom a server key acts."""

from urllib.parse import unquote_to_bytes

from django.contrib.auth.models import AnonymousUser
from django.db.models import F

from gamification.errors import LearnerNotFound
from gamification.models import LearnerKind
from hotsql.querysets import Prepared
from skillquest.accounts.models import User

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


# Nobody with any right of staff, whose account a key could otherwise borrow.
_find = Prepared(
    lambda external_id: User.objects.filter(
        external_id=external_id,
        is_active=True,
        is_staff=False,
        is_superuser=False,
        groups=None,
        user_permissions=None,
    ).annotate(learner_kind=F("profile__kind"))
)


def find_learner(key: ServerKey, external_id: str) -> User:
    """Raise LearnerNotFound, also for learners whom the key may not see: a test key sees test learners only."""
    found = _find(external_id) if is_external_id(external_id) else []
    if not found or (found[0].learner_kind == LearnerKind.TEST) != key.is_test:
        raise LearnerNotFound
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
