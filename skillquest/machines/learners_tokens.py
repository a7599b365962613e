"""Short tokens for the game on a learner's device."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from skillquest.accounts.models import AuthSession
from skillquest.accounts.security_log import note
from skillquest.accounts.tokens import TokenKind, issue

from .learners import locked_learner
from .models import ServerKey


@dataclass(frozen=True)
class ShortToken:
    access_token: str
    expires_at: datetime
    token_type: str = "bearer"  # noqa: S105 - a token type of RFC 6749, not a secret


@transaction.atomic
def issue_short_token(*, external_id: str, ttl: timedelta, key: ServerKey, at: datetime) -> ShortToken:
    """An access token without a refresh token. It ends with its time, with the key and with the account.

    Raises LearnerNotFound, LearnerDeactivated and LearnerErased.
    """
    person = locked_learner(external_id, is_test=key.is_test, at=at)
    # Deleted here, so that the rows of a user do not grow without end.
    person.auth_sessions.expired(at).delete()
    session = AuthSession.objects.create(
        user=person,
        server_key=key,
        password_stamp=person.get_session_auth_hash(),
        created_at=at,
        rotated_at=at,
        expires_at=at + ttl,
    )
    note("short_token_issued", user_id=person.pk, key=key.prefix)
    return ShortToken(issue(TokenKind.ACCESS, session, uuid.uuid4(), at, session.expires_at), session.expires_at)
