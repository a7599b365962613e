"""Each request of a server key, in the security log."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from skillquest.accounts.security_log import note


class ServerKeyLogMiddleware:
    """Around everything that answers, so that the status is the one that is sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if key := getattr(request, "server_key", None):
            learner = getattr(request, "named_learner", None)
            # The route, since the path may contain the id that a customer gave to a learner.
            details = {"key": key.prefix, "method": request.method, "route": request.resolver_match.route}
            note("server_key_used", user_id=getattr(learner, "pk", None), **details, status=response.status_code)
        return response
