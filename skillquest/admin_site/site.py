"""The admin of SkillQuest: Django's, with a navigation by task, a home page that says what waits, and a search box."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from .changes import last_changes
from .figures import figures_for
from .navigation import navigation_of
from .search_box import LONGEST, SHORTEST, is_too_short, search
from .waiting import what_waits


class SkillQuestAdminSite(AdminSite):
    site_header = site_title = "SkillQuest"
    index_title = later("Home")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("search/", self.admin_view(self.search_view), name="search"), *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        return {**context, "navigation": navigation_of(request, context["available_apps"])}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        groups = navigation_of(request, self.get_app_list(request))
        home = {
            "addable": [link for group in groups for link in group.links if link.add_url],
            "waiting": what_waits(request),
            "figures": figures_for(request.user, timezone.now()),
            "changes": last_changes(request.user),
        }
        return super().index(request, {**home, **(extra_context or {})})

    def search_view(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "").strip()[:LONGEST]
        context = {
            **self.each_context(request),
            "title": _("Search"),
            "text": text,
            "shortest": SHORTEST,
            "is_too_short": is_too_short(text),
            "found": [] if is_too_short(text) else search(request, text),
        }
        return TemplateResponse(request, "admin/search.html", context)
