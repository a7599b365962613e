"""Sign-ins by token: opened, looked up, refreshed once a token, ended at once."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from hotsql.querysets import Prepared

from . import tokens
from .errors import InvalidCredentials, InvalidToken
from .models import AuthSession, User
from .security_log import note
from .tokens import Claims, TokenKind, TokenPair


@transaction.atomic
def open_session(*, user: User, at: datetime) -> TokenPair:
    """Raises InvalidCredentials where the person was deactivated or erased meanwhile."""
    # First, so that it waits for whoever is doing that.
    if not User.objects.filter(pk=user.pk, is_active=True).update(last_login=at):
        raise InvalidCredentials
    # Swept here, so that nobody's rows grow without end.
    user.auth_sessions.expired(at).delete()
    session = AuthSession.objects.create(
        user=user,
        password_stamp=user.get_session_auth_hash(),
        created_at=at,
        rotated_at=at,
        expires_at=at + settings.REFRESH_TOKEN_LIFETIME,
    )
    return tokens.issue_pair(session, at=at)


_find = Prepared(lambda session_id: AuthSession.objects.select_related("user").filter(pk=session_id))


def live_session(claims: Claims) -> AuthSession:
    """The session with its user, in one statement. Raises InvalidToken when it is dead."""
    session = next(iter(_find(claims.session_id)), None)
    if session is None or str(session.user_id) != claims.user_id or not session.is_alive:
        raise InvalidToken
    return session


def refresh(*, refresh_token: str, at: datetime) -> TokenPair:
    """A token works once; a used one that comes back ends its session, for one of the two who hold it stole it."""
    claims = tokens.read(refresh_token, TokenKind.REFRESH)
    session = live_session(claims)
    if not take_turn(session, claims.token_id, at):
        end_on_reuse(session, claims.token_id, at)
        raise InvalidToken
    return tokens.issue_pair(session, at=at)


def take_turn(session: AuthSession, token_id: uuid.UUID, at: datetime) -> bool:
    """Of any number of requests with one token, this UPDATE lets the first through."""
    session.refresh_id, session.expires_at = uuid.uuid4(), at + settings.REFRESH_TOKEN_LIFETIME
    turns = AuthSession.objects.alive().filter(pk=session.pk, refresh_id=token_id)
    return turns.update(
        refresh_id=session.refresh_id, previous_refresh_id=token_id, rotated_at=at, expires_at=session.expires_at
    )


def end_on_reuse(session: AuthSession, token_id: uuid.UUID, at: datetime) -> None:
    # Two tabs that wake together use the same token; the slower one is no thief.
    two_tabs = {"previous_refresh_id": token_id, "rotated_at__gte": at - settings.REFRESH_REUSE_GRACE}
    if AuthSession.objects.filter(pk=session.pk).exclude(**two_tabs).end(at):
        note("refresh_token_reused", user_id=session.user_id)


def sign_out(*, refresh_token: str, everywhere: bool, at: datetime) -> None:
    """Any refresh token of ours will do, used or expired; a session that is dead already stays so without complaint."""
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
