"""The pages of learners in the admin: the list, and one learner whole."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from gamification.models import BoardStanding, LearnerProfile
from skillquest.admin_site.search import PeopleSearchAdmin
from tracking.admin.learners import LearnerOfLevelsAdmin

from .lists import columns
from .resets import send_reset
from .tabs import HISTORY, OTHERS, OVERVIEW, Tab
from .views import find_visit, show_tab

# The page shows accounts too, which tracking does not know.
admin.site.unregister(LearnerProfile)

ON_BOARDS = "board"
NEWEST_FIRST, MOST_XP_FIRST = ["-user_id"], ["-total_xp", "user_id"]


class ShownFilter(admin.SimpleListFilter):
    """Each of these, and its order, follows an index, since there may be a million learners."""

    title, parameter_name = "standing", "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        off_boards = [each for each in BoardStanding if each != BoardStanding.RANKED]
        return [(ON_BOARDS, "On leaderboards, most XP first"), *((each.value, str(each.label)) for each in off_boards)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == ON_BOARDS:
            return queryset.filter(listed=True, total_xp__gt=0)
        if self.value() in {BoardStanding.UNDER_REVIEW, BoardStanding.EXCLUDED}:
            return queryset.filter(board_standing=self.value())
        return queryset


@admin.register(LearnerProfile)
class LearnerPageAdmin(PeopleSearchAdmin, LearnerOfLevelsAdmin):
    list_filter = [ShownFilter]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return columns()

    def get_ordering(self, request: HttpRequest) -> list[str]:
        on_boards = request.GET.get(ShownFilter.parameter_name) == ON_BOARDS
        return MOST_XP_FIRST if on_boards else NEWEST_FIRST

    def get_urls(self) -> list[URLPattern]:
        return [
            *(self._path(tab.name, partial(self._show, tab=tab)) for tab in OTHERS),
            self._path("send_reset", self.send_reset_view, "reset"),
            *super().get_urls(),
        ]

    def _path(self, name: str, view: Callable[..., HttpResponse], end: str = "") -> URLPattern:
        address = f"<int:learner_id>/{end or name}/"
        return path(address, self.admin_site.admin_view(view), name=f"gamification_learnerprofile_{name}")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._show_by_text(request, object_id, OVERVIEW)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._show_by_text(request, object_id, HISTORY)

    def send_reset_view(self, request: HttpRequest, learner_id: int) -> HttpResponse:
        return send_reset(self, request, learner_id)

    def _show_by_text(self, request: HttpRequest, object_id: str, tab: Tab) -> HttpResponse:
        """Of an address that Django's admin has for all models, where the id may be any text."""
        key = object_id if object_id.isascii() and object_id.isdigit() and len(object_id) < 19 else "0"
        return self._show(request, int(key), tab)

    def _show(self, request: HttpRequest, learner_id: int, tab: Tab) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        return show_tab(self, find_visit(request, learner_id), tab)
