"""Who may see a page, and how often a form may be sent."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from rest_framework.exceptions import Throttled

from gamification.errors import LearnerErased
from skillquest.api.errors import is_api
from skillquest.api.ratelimits import charge

View = Callable[..., HttpResponse]


def for_learners(view: View) -> View:
    """A page for users who have signed in. The browser keeps no copy to show after they sign out."""

    @wraps(view)
    def view_or_sign_in(request, *args, **kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except LearnerErased:  # just now, in another window
            return redirect("sign-in")

    return never_cache(login_required(view_or_sign_in))


def rate_limited(scope: str) -> Callable[[View], View]:
    """Charges each POST to the same budget as the API's calls; over it, the page says how long to wait."""

    def decorate(view: View) -> View:
        @wraps(view)
        def charging_view(request, *args, **kwargs) -> HttpResponse:
            if request.method != "POST":
                return view(request, *args, **kwargs)
            try:
                charge(request, scope)
                return view(request, *args, **kwargs)
            except Throttled as over:
                return too_many(request, over.wait)

        return charging_view

    return decorate


def without_nul(view: View) -> View:
    """Refuses what no database can store, for views that read what was sent without a form of Django."""

    @wraps(view)
    def refusing_view(request, *args, **kwargs) -> HttpResponse:
        if any("\0" in value for _, values in request.POST.lists() for value in values):
            raise BadRequest(_("A form must not contain NUL characters."))
        return view(request, *args, **kwargs)

    return refusing_view


def session_cookie(request) -> str:
    """A secret that both requests of a double click carry."""
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


class PageRateLimitMiddleware:
    """Charges each look at a page. What forms send is charged by their views, and the pages of staff are free."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, _view, _args, _kwargs) -> HttpResponse | None:
        if request.method not in {"GET", "HEAD"} or is_api(request) or request.path_info.startswith("/admin/"):
            return None
        try:
            charge(request, "page")
        except Throttled as over:
            return too_many(request, over.wait)
        return None


def too_many(request, wait) -> HttpResponse:
    response = render(request, "429.html", {"wait": round(wait or 60)}, status=429)
    response["Retry-After"] = round(wait or 60)
    return response
