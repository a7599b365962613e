"""Pages of other origins, such as browser games, that may call the API: with a bearer token, never with cookies."""

from collections.abc import Callable

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class CrossOriginMiddleware(CorsMiddleware):
    """Answers preflight requests itself, and adds the headers of CORS to every answer of the API, errors included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.CORS_ALLOWED_ORIGINS:
            raise MiddlewareNotUsed
        super().__init__(get_response)


def is_from_other_origin(request: HttpRequest) -> bool:
    """Whether a page that CORS_ALLOWED_ORIGINS names, other than our own, has sent the request."""
    own = {settings.SITE_URL, f"{request.scheme}://{request.get_host()}"}
    return request.headers.get("Origin") in set(settings.CORS_ALLOWED_ORIGINS) - own
