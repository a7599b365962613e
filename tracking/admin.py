from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from gamification.admin import LedgerEntryAdmin, ReadOnlyAdmin
from gamification.models import LedgerEntry

from .explanations.reversal_consequences import consequences_for_level
from .models import Completion, CompletionQuerySet, LearningSession
from .recording.services import refuse_completion, release_completion

# The ledger knows no levels; here we know both.
admin.site.unregister(LedgerEntry)


@admin.register(LedgerEntry)
class LedgerOfLevelsAdmin(LedgerEntryAdmin):
    def more_consequences(self, entry: LedgerEntry) -> list[str]:
        return consequences_for_level(entry)


@admin.register(LearningSession)
class LearningSessionAdmin(ReadOnlyAdmin):
    list_display = ["id", "learner", "level", "status", "score", "time_spent", "start_time", "end_time"]
    list_filter = ["status", "start_time"]
    list_select_related = ["learner", "level"]
    search_fields = ["learner__username", "level__level_id", "level__name"]
    ordering = ["-id"]


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


@admin.register(Completion)
class CompletionAdmin(ReadOnlyAdmin):
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
        "created_at",
    ]
    list_filter = [HeldFilter, "passed", "source", "created_at"]
    list_select_related = ["learner", "level", "session"]
    search_fields = ["learner__username", "level__level_id", "level__name", "client_event_id"]
    ordering = ["-id"]
    actions = ["release", "refuse"]

    @admin.display(description="Why held")
    def why_held(self, completion: Completion) -> str:
        if not completion.held:
            return ""
        refused = ". Refused by staff" if completion.refused else ""
        return f"{completion.get_held_reason_display() or 'Not plausible'}{refused}"

    @admin.action(description="Release held completions, so that they count and pay", permissions=["decide"])
    def release(self, request: HttpRequest, queryset: CompletionQuerySet) -> None:
        held = _of_others(queryset.filter(held=True), request.user)
        for completion in held:
            with transaction.atomic():
                release_completion(completion, at=timezone.now())
                self.log_change(request, completion, "Released: plausible, so it counts and pays.")
        self.message_user(request, _decided(len(held), "released"))

    @admin.action(description="Refuse held completions, so that they wait no longer", permissions=["decide"])
    def refuse(self, request: HttpRequest, queryset: CompletionQuerySet) -> None:
        waiting = _of_others(queryset.filter(held=True, refused=False), request.user)
        for completion in waiting:
            with transaction.atomic():
                refuse_completion(completion, at=timezone.now())
                self.log_change(request, completion, "Refused: not plausible, so it never pays.")
        self.message_user(request, _decided(len(waiting), "refused"))

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("gamification.award_xp")


def _decided(number: int, done: str) -> str:
    return f"{number} {ngettext('completion', 'completions', number)} {done}."


def _of_others(completions: CompletionQuerySet, person: Any) -> CompletionQuerySet:
    """Nobody decides about their own, and nothing is decided about learners who have been erased."""
    others = completions.exclude(learner=person).filter(learner__profile__erased_at=None)
    return others.order_by("learner_id", "pk")
