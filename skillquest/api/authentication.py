"""Who is asking: a bearer of our access token, or a browser with a session cookie and the CSRF token."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck, SessionAuthentication

from skillquest.accounts import tokens
from skillquest.accounts.errors import CSRFFailed
from skillquest.accounts.sessions import live_session

SCHEME = "Bearer"


class BearerAuthentication(BaseAuthentication):
    """`request.auth` is the AuthSession. A bad token is refused even where a cookie would have opened the door."""

    def authenticate(self, request):
        scheme, *rest = request.META.get("HTTP_AUTHORIZATION", "").split(maxsplit=1) or [""]
        if scheme.lower() != SCHEME.lower():
            return None
        http_request = request._request
        # The idempotency middleware has to know the person before the view does; one look is enough for both.
        if not hasattr(http_request, "bearer_session"):
            claims = tokens.read("".join(rest), tokens.TokenKind.ACCESS)
            http_request.bearer_session = live_session(claims)
        return http_request.bearer_session.user, http_request.bearer_session

    def authenticate_header(self, _request):
        return SCHEME


class CookieAuthentication(SessionAuthentication):
    """`request.auth` is None."""

    def enforce_csrf(self, request):
        # Django's own request: the framework's would parse the body for the token, and refuse JSON without a parser.
        http_request = request._request
        check = CSRFCheck(lambda _request: None)
        check.process_request(http_request)
        if check.process_view(http_request, None, (), {}):
            raise CSRFFailed


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, _auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of auth/login.",
        }


class CookieScheme(OpenApiAuthenticationExtension):
    target_class = CookieAuthentication
    name = "cookie"

    def get_security_definition(self, _auto_schema):
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A session of the site. Unsafe requests also carry the header X-CSRFToken.",
        }
