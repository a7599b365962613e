"""Pages of other origins, such as browser games, that may call the API: with a bearer token, never with cookies."""

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.http import HttpRequest


class CrossOriginMiddleware(CorsMiddleware):
    """Answers preflight requests itself, and adds the headers of CORS to every answer of the API, errors included."""

    def is_enabled(self, request: HttpRequest) -> bool:
        return bool(settings.CORS_ALLOWED_ORIGINS) and super().is_enabled(request)


def is_from_other_origin(request: HttpRequest) -> bool:
    """Whether a page that CORS_ALLOWED_ORIGINS names, other than our own, has sent the request."""
    own = {settings.SITE_URL, f"{request.scheme}://{request.get_host()}"}
    return request.headers.get("Origin") in set(settings.CORS_ALLOWED_ORIGINS) - own
