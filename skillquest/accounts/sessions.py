"""Sessions by token: opened, looked up, refreshed, ended."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from hotsql.querysets import Prepared

from . import tokens
from .errors import InvalidCredentials, InvalidToken
from .models import AuthSession, User
from .rights import permissions_of
from .security_log import note
from .tokens import Claims, TokenKind, TokenPair


@transaction.atomic
def open_session(*, user: User, at: datetime) -> TokenPair:
    """Raises InvalidCredentials where the person was deactivated or erased meanwhile."""
    # First, so that it waits for such a change to commit.
    if not User.objects.filter(pk=user.pk, is_active=True).update(last_login=at):
        raise InvalidCredentials
    # Deleted here, so that the rows of a user do not grow without end.
    user.auth_sessions.expired(at).delete()
    session = AuthSession.objects.create(
        user=user,
        password_stamp=user.get_session_auth_hash(),
        created_at=at,
        rotated_at=at,
        expires_at=at + settings.REFRESH_TOKEN_LIFETIME,
    )
    return tokens.issue_pair(session, at=at)


_find = Prepared(lambda session_id: AuthSession.objects.select_related("user", "server_key").filter(pk=session_id))


def live_session(claims: Claims) -> AuthSession:
    """The session with its user, in one statement, or two for short tokens. Raises InvalidToken when it has ended."""
    session = next(iter(_find(claims.session_id)), None)
    if session is None or str(session.user_id) != claims.user_id or not session.is_alive:
        raise InvalidToken
    if session.server_key_id and permissions_of(session.user).exists():  # granted since: no key has tokens of staff
        raise InvalidToken
    return session


def refresh(*, refresh_token: str, at: datetime) -> TokenPair:
    """A token works once. A used one ends its session, because somebody else may have stolen it."""
    claims = tokens.read(refresh_token, TokenKind.REFRESH)
    session = live_session(claims)
    if not replace_refresh_token(session, claims.token_id, at):
        end_on_reuse(session, claims.token_id, at)
        raise InvalidToken
    return tokens.issue_pair(session, at=at)


def replace_refresh_token(session: AuthSession, token_id: uuid.UUID, at: datetime) -> bool:
    """False for all requests with one token but the first: the UPDATE finds the row for that one only."""
    session.refresh_id, session.expires_at = uuid.uuid4(), at + settings.REFRESH_TOKEN_LIFETIME
    turns = AuthSession.objects.alive().filter(pk=session.pk, refresh_id=token_id)
    return turns.update(
        refresh_id=session.refresh_id, previous_refresh_id=token_id, rotated_at=at, expires_at=session.expires_at
    )


def end_on_reuse(session: AuthSession, token_id: uuid.UUID, at: datetime) -> None:
    # Two tabs of one browser may refresh at the same time; that is no theft.
    two_tabs = {"previous_refresh_id": token_id, "rotated_at__gte": at - settings.REFRESH_REUSE_GRACE}
    if AuthSession.objects.filter(pk=session.pk).exclude(**two_tabs).end(at):
        note("refresh_token_reused", user_id=session.user_id)


def sign_out(*, refresh_token: str, everywhere: bool, at: datetime) -> None:
    """Takes any valid refresh token, also a used or expired one. For a session that has ended it does nothing."""
    claims = tokens.read(refresh_token, TokenKind.REFRESH, even_expired=True)
    try:
        session = live_session(claims)
    except InvalidToken:
        return
    if everywhere:
        end_sessions(user=session.user, at=at)
    else:
        AuthSession.objects.filter(pk=session.pk).end(at)
    note("signed_out_everywhere" if everywhere else "signed_out", user_id=session.user_id)


@transaction.atomic
def end_sessions(*, user: User, at: datetime) -> None:
    """Sign a person out of everything, by token and by cookie."""
    User.objects.filter(pk=user.pk).update(sign_in_generation=F("sign_in_generation") + 1)
    user.refresh_from_db(fields=["sign_in_generation"])
    user.auth_sessions.end(at)
