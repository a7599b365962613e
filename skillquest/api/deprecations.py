"""Headers of answers of deprecated operations, whatever the answer is."""

from django.http import HttpRequest
from django.urls import reverse

from apidocs.deprecations import deprecation_of


def headers(request: HttpRequest) -> dict[str, str]:
    view = request.resolver_match and request.resolver_match.func
    method = "get" if request.method == "HEAD" else (request.method or "").lower()
    deprecation = deprecation_of(getattr(view, "cls", None), getattr(view, "actions", {}).get(method, method))
    if deprecation is None:
        return {}
    return deprecation.headers() | {"Link": f'<{reverse("v1:docs")}>; rel="deprecation"; type="text/html"'}
