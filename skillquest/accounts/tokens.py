"""Signed tokens: issued and verified. Whether their session is still alive is checked elsewhere (`sessions`)."""

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import jwt
from django.conf import settings

from .errors import InvalidToken, TokenExpired
from .models import AuthSession

ALGORITHM = "HS256"
AUTHORITY = "skillquest"  # who issues the tokens and who accepts them
CLAIMS = ["iss", "aud", "sub", "sid", "jti", "kind", "iat", "exp"]


class TokenKind(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True)
class Claims:
    session_id: uuid.UUID
    token_id: uuid.UUID
    user_id: str


@dataclass(frozen=True)
class TokenPair:
    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 - a token type of RFC 6749, not a secret


def issue_pair(session: AuthSession, *, at: datetime) -> TokenPair:
    access = issue(TokenKind.ACCESS, session, uuid.uuid4(), at, at + settings.ACCESS_TOKEN_LIFETIME)
    refresh = issue(TokenKind.REFRESH, session, session.refresh_id, at, session.expires_at)
    return TokenPair(access, refresh)


def issue(kind: TokenKind, session: AuthSession, token_id: uuid.UUID, at: datetime, expires_at: datetime) -> str:
    claims = {
        "iss": AUTHORITY,
        "aud": AUTHORITY,
        "sub": str(session.user_id),
        "sid": str(session.pk),
        "jti": str(token_id),
        "kind": kind,
        "iat": at,
        "exp": expires_at,
    }
    return jwt.encode(claims, signing_key(), ALGORITHM)


def read(token: str, kind: TokenKind, *, even_expired: bool = False) -> Claims:
    """Raises InvalidToken for anything that was not issued here as this kind, and TokenExpired."""
    # The clock of another server of this installation may be a little ahead, so a later `iat` is accepted.
    options = {"require": CLAIMS, "verify_iat": False, "verify_exp": not even_expired}
    try:
        claims = jwt.decode(
            token, signing_key(), algorithms=[ALGORITHM], audience=AUTHORITY, issuer=AUTHORITY, options=options
        )
        if claims["kind"] != kind:
            raise InvalidToken
        return Claims(uuid.UUID(claims["sid"]), uuid.UUID(claims["jti"]), claims["sub"])
    except jwt.ExpiredSignatureError:
        raise TokenExpired from None
    # The library raises the last three for nested headers and for unexpected values.
    except (jwt.PyJWTError, ValueError, RecursionError, AttributeError, TypeError, OverflowError):
        raise InvalidToken from None


def signing_key() -> bytes:
    """32 bytes for this purpose only, derived from the SECRET_KEY of any length."""
    return hmac.digest(settings.SECRET_KEY.encode(), b"skillquest.accounts.tokens", "sha256")
