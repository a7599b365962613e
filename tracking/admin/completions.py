from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from catalogues.searching import RowsOfLearnersMixin, uuid_in
from gamification.admin import LedgerEntryAdmin, ReadOnlyAdmin
from gamification.models import LearnerProfile, LedgerEntry
from tracking.explanations.ledger_entries import explain_entry
from tracking.explanations.reversal_consequences import consequences_for_level
from tracking.models import Completion, CompletionQuerySet, LearningSession
from tracking.staff.held_results import DECIDE_HELD

from . import held_results

# The ledger knows no levels; here we know both.
admin.site.unregister(LedgerEntry)


@admin.register(LedgerEntry)
class LedgerOfLevelsAdmin(LedgerEntryAdmin):
    fields = ["why", *LedgerEntryAdmin.fields]
    readonly_fields = ["why", *LedgerEntryAdmin.readonly_fields]

    @admin.display(description="Why")
    def why(self, entry: LedgerEntry) -> str:
        """What the learner reads of it."""
        return explain_entry(LearnerProfile.objects.get(pk=entry.learner_id), entry).why

    def more_consequences(self, entry: LedgerEntry) -> list[str]:
        return consequences_for_level(entry)


@admin.register(LearningSession)
class LearningSessionAdmin(RowsOfLearnersMixin, ReadOnlyAdmin):
    list_display = ["id", "learner", "level", "status", "score", "time_spent", "start_time", "end_time"]
    indexed_filters = ("learner", "level")
    list_filter = ["status", "start_time"]
    list_select_related = ["learner", "level"]


class HeldFilter(admin.SimpleListFilter):
    title, parameter_name = "held", "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "Waiting for staff"), ("refused", "Refused by staff"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: CompletionQuerySet) -> CompletionQuerySet:
        conditions = {
            "waiting": {"held": True, "refused": False},
            "refused": {"held": True, "refused": True},
            "no": {"held": False},
        }
        return queryset.filter(**conditions.get(self.value(), {}))


class ServerKeyFilter(admin.SimpleListFilter):
    """Any prefix may stand in the address; the list offers the choice between by a key and not."""

    title, parameter_name = "reported by a server key", "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("any", "Yes"), ("none", "No")]

    def queryset(self, request: HttpRequest, queryset: CompletionQuerySet) -> CompletionQuerySet:
        match self.value():
            case None:
                return queryset
            case "none":
                return queryset.filter(server_key="")
            case "any":
                return queryset.exclude(server_key="")
            case prefix:
                return queryset.filter(server_key=prefix)


@admin.register(Completion)
class CompletionAdmin(RowsOfLearnersMixin, ReadOnlyAdmin):
    list_display = [
        "id",
        "learner",
        "level",
        "score",
        "max_score",
        "time_spent",
        "passed",
        "held",
        "why_held",
        "source",
        "trust",
        "server_key",
        "occurred_at",
        "created_at",
    ]
    indexed_filters = ("learner", "level", "held", "key")
    list_filter = [HeldFilter, ServerKeyFilter, "held_reason", "passed", "source", "trust", "created_at"]
    list_select_related = ["learner", "level", "session"]
    search_help_text = (
        "The beginning of a learner's name or e-mail address, the number or event id of a result, or a key"
    )
    actions = ["release", "refuse"]

    def named(self, text: str) -> Q:
        """By the number, the event id of the client, or the key that reported it."""
        by_event = Q(client_event_id=event_id) if (event_id := uuid_in(text)) else Q()
        return super().named(text) | by_event | (Q(server_key=text) & ~Q(server_key=""))

    @admin.display(description="Why held")
    def why_held(self, completion: Completion) -> str:
        if not completion.held:
            return ""
        refused = ". Refused by staff" if completion.refused else ""
        return f"{completion.get_held_reason_display() or 'Not plausible'}{refused}"

    def get_urls(self) -> list[URLPattern]:
        queue, learner, decide = (
            self.admin_site.admin_view(view) for view in (self.queue_view, self.learner_view, self.decide_view)
        )
        return [
            path("held/", queue, name="tracking_completion_held"),
            path("held/decide/", decide, name="tracking_completion_held_decide"),
            path("held/<int:learner_id>/", learner, name="tracking_completion_held_learner"),
            *super().get_urls(),
        ]

    def queue_view(self, request: HttpRequest) -> HttpResponse:
        return self._for_viewers(request, held_results.show_queue)

    def learner_view(self, request: HttpRequest, learner_id: int) -> HttpResponse:
        return self._for_viewers(request, held_results.show_learner, learner_id)

    def decide_view(self, request: HttpRequest) -> HttpResponse:
        return held_results.decide(self, request)

    def _for_viewers(self, request: HttpRequest, view: Callable[..., HttpResponse], *args: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return view(self, request, *args)

    @admin.action(description="Release held results, so that they count and pay", permissions=["decide"])
    def release(self, request: HttpRequest, queryset: CompletionQuerySet) -> HttpResponse:
        return held_results.confirm(self, request, queryset, release=True)

    @admin.action(description="Refuse held results, so that they wait no longer", permissions=["decide"])
    def refuse(self, request: HttpRequest, queryset: CompletionQuerySet) -> HttpResponse:
        return held_results.confirm(self, request, queryset, release=False)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(DECIDE_HELD)
