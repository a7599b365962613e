"""Refuses unknown query parameters, so that a misspelt filter is an error and not a longer list."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin

from .errors import problem

PAGE_PARAMETERS = {"limit", "cursor"}
IGNORED_PREFIX = "_"  # for clients that add a parameter of their own, against caches for example


class QueryParametersMiddleware:
    """Every GET of the API. A view that reads parameters itself names them in `query_parameters`."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, view, _args, _kwargs) -> HttpResponse | None:
        view_class = getattr(view, "cls", None)
        # The schema's own views know their parameters; they are no GenericAPIView.
        if request.method not in {"GET", "HEAD"} or not view_class or not issubclass(view_class, GenericAPIView):
            return None
        given = {name for name in request.GET if not name.startswith(IGNORED_PREFIX)}
        unknown = sorted(given - accepted_parameters(view))
        if not unknown:
            return None
        return problem(request, ValidationError({name: [_("Unknown parameter.")] for name in unknown}))


def accepted_parameters(view) -> set[str]:
    """Of the function that `as_view()` returned: what its class names, and of a list its filters and pages."""
    view_class, options = view.cls, getattr(view, "initkwargs", {})
    accepted = set(getattr(view_class, "query_parameters", ()))
    if not is_list(view):
        return accepted
    if options.get("pagination_class", view_class.pagination_class):
        accepted |= PAGE_PARAMETERS
    filters = getattr(view_class, "filterset_class", None)
    if filters and options.get("filter_backends", view_class.filter_backends):
        accepted |= set(filters.base_filters)
    return accepted


def is_list(view) -> bool:
    if hasattr(view, "actions"):  # of a viewset
        return not view.initkwargs.get("detail")
    return issubclass(view.cls, ListModelMixin)
