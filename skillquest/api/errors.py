"""Turns every exception of the API into a problem (RFC 9457); nothing else does."""

import logging
import math
import sys
from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import Error as DatabaseError
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from .parsing import BodyTooLarge

logger = logging.getLogger(__name__)

UNAUTHENTICATED = (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)
NON_FIELD_ERRORS = "non_field_errors"
# How much of a request an answer repeats, however long the request was.
MOST_ERRORS = 10  # in `errors`; `detail` says how many there are
MOST_ERRORS_OF_EVENT = 3  # of one event of a batch, which may have hundreds of events
LONGEST_NAME = 100  # characters of a field's path
LONGEST_MESSAGE = 300
NO_SUCH_PATH = _("There is nothing at this path. /api/v1/docs lists all there are.")

# PostgreSQL: connection lost, out of resources, object in use, operator intervention, rollback for concurrency.
TEMPORARY_SQLSTATES = ("08", "53", "55", "57", "40", "25P03")
TEMPORARY_SQLITE_ERRORS = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_FULL")
UNIQUE_VIOLATIONS = {"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


class Conflict(exceptions.APIException):
    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"
    default_detail = _("Something with the same identity exists already.")


class Unavailable(exceptions.APIException):
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = _("The service is busy. Try again in a moment.")
    wait = 1  # seconds


class RequestTimeout(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_TIMEOUT
    default_code = "request_timeout"
    default_detail = _("The request did not arrive in time. Send it again, or in smaller parts.")


class ServerError(exceptions.APIException):
    default_code = "server_error"
    default_detail = _("Something went wrong on our side. The request id finds it in our logs.")


def problem_response(exc, context) -> Response:
    """DRF's exception handler."""
    set_rollback()
    request = context["request"]
    translated = translate(exc)
    if isinstance(translated, UNAUTHENTICATED):
        translated = count_refusal(translated, context)
    if isinstance(translated, ServerError):
        logger.exception("Unexpected error", exc_info=exc)
        # Django's own signal: the test client raises what it carries, error trackers report it.
        got_request_exception.send(sender=None, request=request)
    # Whatever the client accepts, since content negotiation may be what failed, and the docs are HTML.
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    return Response(body_of(translated, request), **options_of(translated))


def count_refusal(exc, context) -> exceptions.APIException:
    """Charge the rate limit, which DRF does not do for requests without valid credentials."""
    try:
        context["view"].check_throttles(context["request"])
    except exceptions.APIException as refusal:
        return refusal
    return exc


def translate(exc) -> exceptions.APIException:
    """The APIException for any exception; ServerError for unexpected ones."""
    match exc:
        case exceptions.APIException():
            return exc
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig():
            return BodyTooLarge()
        case BadRequest():
            return exceptions.ParseError(str(exc) or None)
        case UnreadablePostError() if is_timeout(exc):
            return RequestTimeout()
        case SuspiciousOperation() | MultiPartParserError() | UnreadablePostError():
            return exceptions.ParseError()
        case DatabaseError():
            return translate_database_error(exc)
    return ServerError()


def is_timeout(exc) -> bool:
    """Django wraps what reading raised, sometimes twice."""
    return isinstance(exc, TimeoutError) or (exc.__cause__ is not None and is_timeout(exc.__cause__))


def translate_database_error(exc) -> exceptions.APIException:
    code = database_code(exc)
    if isinstance(exc, IntegrityError) and code in UNIQUE_VIOLATIONS:
        return Conflict()
    if code is None:  # a lost connection or an exhausted pool has no code
        is_temporary = isinstance(exc, OperationalError | InterfaceError)
    else:
        is_temporary = code.startswith(TEMPORARY_SQLSTATES + TEMPORARY_SQLITE_ERRORS)
    if not is_temporary:
        return ServerError()
    logger.warning("Database unavailable: %s %s", type(exc).__name__, code)
    return Unavailable()


def database_code(exc) -> str | None:
    """PostgreSQL's SQLSTATE, SQLite's error name, or None."""
    cause = exc.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)


def problem(request, exc) -> HttpResponse:
    """The response to an APIException outside of REST framework's views."""
    body, options = body_of(exc, request), options_of(exc)
    return HttpResponse(JSONRenderer().render(body), **options)


def body_of(exc, request, most_errors=MOST_ERRORS) -> dict:
    code, detail, errors = describe(exc, most_errors)
    return {
        "type": f"/problems/{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status_of(exc),
        "detail": detail,
        "success": False,
        "code": code,
        **({"errors": errors} if errors else {}),
        "request_id": getattr(request, "request_id", None),
        **getattr(exc, "extra", {}),
    }


def options_of(exc) -> dict:
    return {"status": status_of(exc), "headers": headers_of(exc), "content_type": "application/problem+json"}


def status_of(exc) -> int:
    # DRF makes it 403 in views without authentication, such as sign-in.
    return 401 if isinstance(exc, UNAUTHENTICATED) else int(exc.status_code)


def headers_of(exc) -> dict[str, str]:
    headers = {}
    if isinstance(exc, UNAUTHENTICATED):
        headers["WWW-Authenticate"] = getattr(exc, "auth_header", None) or "Bearer"
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    return headers


def describe(exc, most_errors=MOST_ERRORS) -> tuple[str, str, dict[str, list[str]]]:
    """(code, detail, the first errors by field)."""
    if isinstance(exc.detail, str):
        return exc.detail.code or exc.default_code, clip(exc.detail, LONGEST_MESSAGE), {}
    problems = problems_in(exc.detail)
    errors, listed = {}, list(islice(problems, most_errors))
    for field, message in listed:
        errors.setdefault(clip(field, LONGEST_NAME), []).append(clip(message, LONGEST_MESSAGE))
    if set(errors) == {NON_FIELD_ERRORS}:
        return listed[0][1].code or exc.default_code, " ".join(errors[NON_FIELD_ERRORS]), {}
    return exc.default_code, summarize(errors, len(listed) + sum(1 for _ in problems)), errors


def summarize(errors, count) -> str:
    first = next((f"{field}: {messages[0]}" for field, messages in errors.items()), None)
    if first and count > 1:
        return gettext("%(first)s (and %(others)s more)") % {"first": first, "others": count - 1}
    return first or str(exceptions.ValidationError.default_detail)


def problems_in(detail, path="") -> Iterator[tuple[str, str]]:
    """Nested errors, each with its path: ("events.1.score", message)."""
    if isinstance(detail, str):
        yield path or NON_FIELD_ERRORS, detail
        return
    for key, item in detail.items() if isinstance(detail, dict) else enumerate(detail):
        inside = path if isinstance(item, str) and isinstance(detail, list) else f"{path}.{key}".lstrip(".")
        yield from problems_in(item, inside)


def clip(text, length) -> str:
    """`text` itself, or its beginning with an ellipsis."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def is_api(request) -> bool:
    return request.path_info == "/api" or request.path_info.startswith("/api/")


def bad_request(request, exception) -> HttpResponse:
    if is_api(request):
        return problem(request, translate(exception))
    return defaults.bad_request(request, exception)


def permission_denied(request, exception) -> HttpResponse:
    if is_api(request):
        return problem(request, exceptions.PermissionDenied())
    return defaults.permission_denied(request, exception)


def not_found(request, exception) -> HttpResponse:
    if is_api(request):
        return problem(request, exceptions.NotFound())
    return defaults.page_not_found(request, exception)


@csrf_exempt
def unknown_path(request) -> HttpResponse:
    """The view for every other path below /api/, since Django answers unknown paths in HTML when DEBUG is on."""
    return problem(request, exceptions.NotFound(NO_SUCH_PATH))


def server_error(request) -> HttpResponse:
    if is_api(request):
        return problem(request, translate(sys.exc_info()[1]))
    return defaults.server_error(request)
