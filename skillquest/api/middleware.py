"""Middleware for every request: identifiers, paths, bodies, security headers, caching.

Logging loads this module before the apps are ready, so nothing of Django REST framework is imported at its top.
"""

import io
import logging
import re
import uuid
from contextlib import suppress
from contextvars import ContextVar
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import BadRequest, MiddlewareNotUsed
from django.http import HttpResponse, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _

# Numbers beyond 64 bits in addresses of the admin, which no database can look up.
HUGE_NUMBER_IN_LOOKUP = re.compile(r"__\w+=-?\d{19,}")
HUGE_NUMBER_IN_PATH = re.compile(r"/admin/.*/-?\d{19,}/")
GIVEN_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
KEEP_THEIR_SLASH = ("/admin/", "/static/")
DISCARDED_AT_ONCE = 64 * 1024  # bytes
HEALTH_HEADERS = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
current_request_id = ContextVar("request_id", default="-")

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)


class HeadMiddleware:
    """Answers HEAD with the headers of GET and no body: the web server logs a warning for each body it has to drop."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "HEAD":
            if response.streaming:
                response.close()
                response.streaming_content = ()
            else:
                response.content = b""
        return response


class SitePathMiddleware:
    """Takes SITE_PATH from the front of the path; a proxy may also have removed it already."""

    def __init__(self, get_response) -> None:
        if not settings.SITE_PATH:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        if f"{request.path_info}/".startswith(f"{settings.SITE_PATH}/"):
            request.path_info = request.path_info.removeprefix(settings.SITE_PATH) or "/"
            request.path = settings.SITE_PATH + request.path_info
        return self.get_response(request)


class RequestIdMiddleware:
    """Gives each request an id, which is in the response, in every problem and in every log line."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if GIVEN_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        current_request_id.set(request.request_id)  # never reset: Django logs the response after this middleware
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id
        return response


class RequestIdFilter(logging.Filter):
    def filter(self, record) -> bool:
        record.request_id = current_request_id.get()
        return True


class HealthMiddleware:
    """Answers /health before host check, sessions and database, so that none of them can make it fail.

    Pages of every origin may read the answer: it tells a client that the server runs, where a call of the API failed.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        if request.method in {"GET", "HEAD"} and request.path_info in {"/health", "/health/"}:
            return JsonResponse({"status": "ok"}, headers=HEALTH_HEADERS)
        return self.get_response(request)


class UnreadBodyMiddleware:
    """Reads what a refused request left of its body, so that the next request on the connection is found.

    Where the body is larger than any view accepts, it is not read: gunicorn.conf.py has the connection closed.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        stream = request._stream  # Django puts another in its place once it has read the body
        response = self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            discard_body(request, stream)
        return response


def discard_body(request, stream) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > settings.EVENTS_BODY_LIMIT:
        return
    with suppress(OSError):  # the client has gone
        while stream.read(DISCARDED_AT_ONCE):
            pass


class ReadableRequestMiddleware:
    """Refuses addresses that no database can look up, and reads chunked bodies, which Django does not."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        try:
            refuse_impossible_lookups(request)
            buffer_chunked_body(request)
        except (BadRequest, UnreadablePostError) as error:
            from .errors import bad_request  # cannot be imported at the top, see above

            return bad_request(request, error)
        return self.get_response(request)


def refuse_impossible_lookups(request) -> None:
    query = unquote(request.META.get("QUERY_STRING", ""))
    if "\0" in request.path_info or "\0" in query:
        raise BadRequest(_("The address must not contain NUL characters."))
    if HUGE_NUMBER_IN_LOOKUP.search(query) or HUGE_NUMBER_IN_PATH.match(request.path_info):
        raise BadRequest(_("The address asks for a number that is too large."))


def buffer_chunked_body(request) -> None:
    if request.META.get("CONTENT_LENGTH") or "chunked" not in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        return
    if not request.META.get("wsgi.input_terminated"):
        raise BadRequest(_("Send the body with a Content-Length."))
    try:
        # One byte more than the limit, so that whatever reads the body can see that it is too large.
        body = request.META["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    except TimeoutError as error:
        raise UnreadablePostError(*error.args) from error
    except Exception as error:  # each server raises another one
        raise BadRequest(_("The chunked body is malformed.")) from error
    request.META["CONTENT_LENGTH"] = str(len(body))
    request._stream = io.BytesIO(body)


class ContentSecurityPolicyMiddleware:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response


class OptionalSlashMiddleware:
    """`/levels/` is `/levels`, without a redirect. The admin and static files keep theirs."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        path = request.path_info
        if path.endswith("/") and not path.endswith("//") and not path.startswith(KEEP_THEIR_SLASH):
            request.path_info = path[:-1] or "/"
        return self.get_response(request)


class PersonalAnswersMiddleware:
    """Answers of the API may not be cached, unless the view has a `cache_control`."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith("/api/"):
            cache_control = "no-store" if response.status_code >= 400 else view_of(request, "cache_control", "no-store")
            response.headers.setdefault("Cache-Control", cache_control)
        return response


def view_of(request, attribute, default) -> object:
    """An attribute of the view that the request leads to."""
    match = request.resolver_match
    return getattr(getattr(match and match.func, "cls", None), attribute, default)


class AnswerHeadersMiddleware:
    """Says what is left of the rate limits, and until when a deprecated operation works."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        from . import deprecations, ratelimits  # cannot be imported at the top, see above

        response = self.get_response(request)
        for name, value in {**ratelimits.headers(request), **deprecations.headers(request)}.items():
            response[name] = value
        return response
