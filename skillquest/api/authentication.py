"""Authentication by access token, or by session cookie with CSRF token."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck, SessionAuthentication

from skillquest.accounts import tokens
from skillquest.accounts.errors import CSRFFailed
from skillquest.accounts.models import AuthSession, User
from skillquest.accounts.sessions import live_session

from .cross_origin import is_from_other_origin

SCHEME = "Bearer"


def bearer_token(request) -> str | None:
    """What follows `Bearer` in the header, or None for another scheme."""
    scheme, *rest = request.META.get("HTTP_AUTHORIZATION", "").split(maxsplit=1) or [""]
    return "".join(rest) if scheme.lower() == SCHEME.lower() else None


class BearerAuthentication(BaseAuthentication):
    """`request.auth` is the AuthSession. An invalid token is refused even if there is a valid cookie."""

    def authenticate(self, request) -> tuple[User, AuthSession] | None:
        token = bearer_token(request)
        if token is None:
            return None
        http_request = request._request
        # The idempotency middleware needs the user before the view does; the session is read once for both.
        if not hasattr(http_request, "bearer_session"):
            claims = tokens.read(token, tokens.TokenKind.ACCESS)
            http_request.bearer_session = live_session(claims)
        return http_request.bearer_session.user, http_request.bearer_session

    def authenticate_header(self, _request) -> str:
        return SCHEME


class CookieAuthentication(SessionAuthentication):
    """`request.auth` is None. For pages of other origins there is no sign-in by cookie, whatever cookies they send."""

    def authenticate(self, request) -> tuple[User, None] | None:
        return None if is_from_other_origin(request._request) else super().authenticate(request)

    def enforce_csrf(self, request) -> None:
        # Django's own request: the one of REST framework would parse the body to look for the token in a form.
        http_request = request._request
        check = CSRFCheck(lambda _request: None)
        check.process_request(http_request)
        if check.process_view(http_request, None, (), {}):
            raise CSRFFailed


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, _auto_schema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of auth/login.",
        }


class CookieScheme(OpenApiAuthenticationExtension):
    target_class = CookieAuthentication
    name = "cookie"

    def get_security_definition(self, _auto_schema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A session of the site. Unsafe requests also carry the header X-CSRFToken.",
        }
