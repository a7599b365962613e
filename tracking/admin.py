from django.contrib import admin
from django.db import transaction
from django.utils import timezone

from gamification.admin import ReadOnlyAdmin
from gamification.admin.ledger import LedgerEntryAdmin
from gamification.models import LedgerEntry

from .models import Completion, LearningSession
from .reversals import consequences_for_level
from .services import release_completion

# The ledger knows no levels; here we know both.
admin.site.unregister(LedgerEntry)


@admin.register(LedgerEntry)
class LedgerOfLevelsAdmin(LedgerEntryAdmin):
    def more_consequences(self, entry):
        return consequences_for_level(entry)


@admin.register(LearningSession)
class LearningSessionAdmin(ReadOnlyAdmin):
    list_display = ["id", "learner", "level", "status", "score", "time_spent", "start_time", "end_time"]
    list_filter = ["status", "start_time"]
    list_select_related = ["learner", "level"]
    search_fields = ["learner__username", "level__level_id", "level__name"]
    ordering = ["-id"]


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
        "source",
        "created_at",
    ]
    list_filter = ["held", "passed", "source", "created_at"]
    list_select_related = ["learner", "level"]
    search_fields = ["learner__username", "level__level_id", "level__name", "client_event_id"]
    ordering = ["-id"]
    actions = ["release"]

    @admin.action(description="Release held completions, so that they count and pay", permissions=["release"])
    def release(self, request, queryset):
        # Nobody pays themselves.
        held = queryset.filter(held=True).exclude(learner=request.user).order_by("learner_id", "pk")
        for completion in held:
            with transaction.atomic():
                release_completion(completion, at=timezone.now())
                self.log_change(request, completion, "Released: plausible, so it counts and pays.")
        self.message_user(request, f"{len(held)} completions released.")

    def has_release_permission(self, request):
        return request.user.has_perm("gamification.award_xp")
