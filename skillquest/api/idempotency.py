"""Applies `Idempotency-Key` to every signed-in POST of the API, whichever app's view answers it."""

import hashlib
import re

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from skillquest.accounts.models import User
from tracking.idempotency.keys import answer_once

from .errors import problem
from .parsing import limit_of
from .ratelimits import charge, scope_of

API_PATH = re.compile(r"/api/(?:v1/)?(?P<path>.*)")


class IdempotencyKeyMiddleware:
    """The innermost middleware, so that a stored answer passes the same middleware as a new one."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        key = request.headers.get("Idempotency-Key")
        path = _keyed_path(request, view)
        if key is None or path is None or not (user := _signed_in(request, view)):
            return None

        def answer() -> HttpResponse:
            return view(request, *args, **kwargs).render()

        try:
            charge(request, scope_of(view.cls, request.method))
            fingerprint = _fingerprint(request, path)
            return answer_once(user=user, key=key, fingerprint=fingerprint, at=timezone.now(), answer=answer)
        except APIException as refusal:
            return problem(request, refusal)


def _keyed_path(request, view) -> str | None:
    """The path below the API's two prefixes where a key applies: a POST outside auth/, not too large to be read."""
    match = API_PATH.fullmatch(request.path_info)
    length = request.META.get("CONTENT_LENGTH") or "0"
    too_large = not length.isdigit() or int(length) > limit_of(getattr(view, "cls", view))
    if request.method != "POST" or not match or match["path"].startswith("auth/") or too_large:
        return None
    return match["path"]


def _signed_in(request, view) -> User | None:
    """The user, or None if the view itself will refuse the request."""
    if not hasattr(view, "cls"):
        return None
    authenticators = [authenticator() for authenticator in view.cls.authentication_classes]
    anonymous_user = request.user
    try:
        user = Request(request, authenticators=authenticators).user
    except APIException:
        request.user = anonymous_user  # `Request` replaced it; the view authenticates again and refuses
        return None
    return user if user.is_authenticated else None


def _fingerprint(request, path: str) -> str:
    return hashlib.sha256(b"\0".join([request.method.encode(), path.encode(), request.body])).hexdigest()
