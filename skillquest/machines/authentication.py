"""Authentication by server key."""

import hmac
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from apidocs.server_keys import LEARNER_HEADER, LearnerHeader, learner_header_of, scope_needed
from hotsql.querysets import Prepared
from skillquest.accounts.models import User
from skillquest.accounts.security_log import note
from skillquest.api.addresses import client_address
from skillquest.api.authentication import SCHEME, bearer_token
from skillquest.api.cross_origin import is_from_other_origin
from skillquest.api.ratelimits import charge, scope_of

from .errors import InvalidServerKey, KeyNotAccepted, LearnerRequired, ScopeMissing
from .key_tokens import KeyToken, is_meant_as_key, read_token
from .models import ServerKey
from .named_learners import NoLearner, external_id_in, find_learner
from .services import note_use

_find = Prepared(lambda prefix: ServerKey.objects.filter(prefix=prefix))


class ServerKeyAuthentication(BaseAuthentication):
    """`request.auth` is the ServerKey; `request.user` the learner that the header names, else `NoLearner`.

    A key is refused here, before anything else happens, by every view that does not accept keys.
    """

    def authenticate(self, request: Request) -> tuple[User | NoLearner, ServerKey] | None:
        token = bearer_token(request)
        if token is None or not is_meant_as_key(token):
            return None
        key, view = key_of(request._request, token), request.parser_context["view"]
        charge(request, scope_of(view, request.method))
        check_scope(key, view, request.method)
        return learner_of(request._request, key, view), key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 (DRF's signature)
        return SCHEME


def key_of(request: HttpRequest, token: str) -> ServerKey:
    """Looked up once for a request: the idempotency middleware needs it before the view does."""
    if not hasattr(request, "server_key"):
        request.server_key = find_key(request, token)
    if request.server_key is None:
        raise InvalidServerKey
    return request.server_key


def find_key(request: HttpRequest, text: str) -> ServerKey | None:
    at, token = timezone.now(), read_token(text)
    found = _find(token.prefix) if token else []
    reason = refusal_of(found[0], token, request, at) if token and found else "unknown" if token else "malformed"
    if reason:
        # The prefix is no secret, and known only where it is that of one of our keys.
        note("server_key_refused", user_id=None, key=found[0].prefix if found else None, reason=reason)
        return None
    note_use(found[0], at)
    return found[0]


def refusal_of(key: ServerKey, token: KeyToken, request: HttpRequest, at) -> str:
    """Why a key is not accepted, for the security log; empty if it is."""
    if is_from_other_origin(request):
        return "in_a_page"
    if not hmac.compare_digest(key.secret_hash, token.hash):
        return "wrong_secret"
    if key.revoked_at is not None:
        return "revoked"
    if not key.is_accepted(at):
        return "expired"
    return "" if key.allows_address(client_address(request)) else "other_network"


def check_scope(key: ServerKey, view: Any, method: str) -> None:
    scope = scope_needed(view, method)
    if scope is None:
        raise KeyNotAccepted
    if scope not in key.scopes:
        raise ScopeMissing(scope)


def learner_of(request: HttpRequest, key: ServerKey, view: Any) -> User | NoLearner:
    """Looked up once for a request, like the key."""
    rule, header = learner_header_of(view), request.headers.get(LEARNER_HEADER, "")
    if rule == LearnerHeader.UNUSED or (rule == LearnerHeader.OPTIONAL and not header):
        return NoLearner()
    if not header:
        raise LearnerRequired
    if not hasattr(request, "named_learner"):
        request.named_learner = find_learner(key, external_id_in(header))
    return request.named_learner


class ServerKeyScheme(OpenApiAuthenticationExtension):
    target_class = ServerKeyAuthentication
    name = "serverKey"

    def get_security_definition(self, _auto_schema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": f"A server key (`sq_live_…`), which acts for the learner in the header `{LEARNER_HEADER}`.",
        }
