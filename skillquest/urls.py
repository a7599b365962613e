"""All paths: the API below /api/v1/ (and /api/), the admin, and the pages of learners."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import include, path, re_path, reverse
from drf_spectacular.views import SpectacularSwaggerSplitView

from skillquest.api.errors import unknown_path
from skillquest.api.schema.serving import SchemaView
from skillquest.pages.sign_in import admin_password_change, admin_sign_in


def moved_to_approvals(_request: HttpRequest, rest: str) -> HttpResponseRedirect:
    """Requests for adjustments have become requests for approval, with the same ids."""
    return HttpResponseRedirect(reverse("admin:approvals_approvalrequest_changelist") + rest)


api = [
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="v1:schema", template_name="api/docs.html"), name="docs"),
    path("auth/", include("skillquest.accounts.urls")),
    path("learners/", include("skillquest.machines.learners_urls")),
    path("", include("skillquest.machines.events_api")),
    path("", include("tracking.urls")),
    path("", include("gamification.api.urls")),
    path("", include("levels.urls")),
]

urlpatterns = [
    path("api/v1/", include((api, "v1"))),
    path("api/", include((api, "unversioned"))),
    re_path(r"^api(?:/.*)?$", unknown_path),
    path("admin/login/", admin_sign_in),
    path("admin/password_change/", admin_password_change),
    re_path("^admin/gamification/adjustmentrequest/(?P<rest>.*)$", moved_to_approvals),
    path("admin/export/", include("exchange.urls")),
    path("admin/", admin.site.urls),
    path("", include("skillquest.pages.urls")),
]

handler400 = "skillquest.api.errors.bad_request"
handler403 = "skillquest.api.errors.permission_denied"
handler404 = "skillquest.api.errors.not_found"
handler500 = "skillquest.api.errors.server_error"
