"""Applies `Idempotency-Key` to every signed-in POST of the API, whichever app's view answers it."""

import hashlib
import json
import re
from typing import Any

from django.http import HttpResponse, UnreadablePostError
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView

from apidocs.server_keys import sent_by_key
from skillquest.accounts.models import User
from skillquest.machines.errors import IdempotencyKeyNeedsLearner
from tracking.idempotency.keys import answer_once

from .errors import problem, translate
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
        if key is None or path is None:
            return None
        reader = _reader(request, view, args, kwargs)
        if not (user := _signed_in(request, reader)):
            return None
        if user.pk is None:
            return problem(request, IdempotencyKeyNeedsLearner())

        def answer() -> HttpResponse:
            return view(request, *args, **kwargs).render()

        try:
            charge(request, scope_of(view.cls, request.method))
            _check_body(reader)
            fingerprint = _fingerprint(request, path, reader.request.data)
            whose = {"user": user, "of_server": sent_by_key(reader.request)}
            return answer_once(**whose, key=key, fingerprint=fingerprint, at=timezone.now(), answer=answer)
        except (APIException, UnreadablePostError) as refusal:
            return problem(request, translate(refusal))


def _keyed_path(request, view) -> str | None:
    """The path below the API's two prefixes where a key applies: a POST outside auth/, not too large to be read."""
    match = API_PATH.fullmatch(request.path_info)
    length = request.META.get("CONTENT_LENGTH") or "0"
    too_large = not length.isdigit() or int(length) > limit_of(getattr(view, "cls", view))
    if request.method != "POST" or not match or match["path"].startswith("auth/") or too_large:
        return None
    return match["path"] if _accepts_post(view) else None


def _accepts_post(view) -> bool:
    if hasattr(view, "actions"):  # of a viewset
        return "post" in view.actions
    return hasattr(getattr(view, "cls", None), "post")


def _reader(request, view, args, kwargs) -> GenericAPIView:
    """An instance of the view that reads the request, and is not called."""
    reader = view.cls(**view.initkwargs)
    reader.action_map, reader.format_kwarg = getattr(view, "actions", None), None
    reader.setup(request, *args, **kwargs)
    reader.request = reader.initialize_request(request, *args, **kwargs)
    return reader


def _signed_in(request, reader) -> User | None:
    """The user, or None if the view itself will refuse the request."""
    anonymous_user = request.user
    try:
        user = reader.request.user
    except APIException:
        request.user = anonymous_user  # `Request` replaced it; the view authenticates again and refuses
        return None
    return user if user.is_authenticated else None


def _check_body(reader) -> None:
    """Raise what the view would raise for an invalid body, before there is a transaction."""
    try:
        reader.get_serializer(data=reader.request.data).is_valid(raise_exception=True)
    except APIException:
        reader.initial(reader.request, *reader.args, **reader.kwargs)  # refuses first who may not use the view at all
        raise


def _fingerprint(request, path: str, data: Any) -> str:
    """A retry is the same request although it is sent later, so the time of sending is left out."""
    body = request.body
    if isinstance(data, dict) and "sent_at" in data:
        body = json.dumps({**data, "sent_at": None}, sort_keys=True).encode()
    return hashlib.sha256(b"\0".join([request.method.encode(), path.encode(), body])).hexdigest()
