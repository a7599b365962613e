"""Who has which achievements and badges. Achievements can be taken back here."""

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from catalogues.searching import RowsOfLearnersMixin
from gamification.conditions.schema import in_words
from gamification.models import BadgeAward, Unlock
from gamification.staff.awards import entry_of_unlock, revoke_achievement
from gamification.staff.forms import StaffActionForm

from .read_only import ReadOnlyAdmin
from .staff_actions import StaffActionsAdmin

REVOKED = ("revoked_at", admin.EmptyFieldListFilter)


@admin.register(Unlock)
class UnlockAdmin(RowsOfLearnersMixin, StaffActionsAdmin):
    list_display = ["learner", "achievement", "earned_at", "meaning", "xp_reward", "created_at", "quiet", "revoked_at"]
    fields = [
        "learner",
        "achievement",
        "meaning",
        "xp_reward",
        "earned_at",
        "created_at",
        "quiet",
        "revoked_at",
    ]
    readonly_fields = ["meaning"]
    indexed_filters = ("learner", "achievement")
    list_filter = [REVOKED, "quiet"]
    list_select_related = ["learner", "achievement"]
    change_form_template = "admin/gamification/unlock/change_form.html"

    def lookup_allowed(self, lookup, value, request) -> bool:
        return lookup == "achievement__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[URLPattern]:
        revoking = self.action_page(self.revoke_view)
        return [path("<int:pk>/revoke/", revoking, name="gamification_unlock_revoke"), *super().get_urls()]

    @admin.display(description="Earned by")
    def meaning(self, unlock: Unlock) -> str:
        return in_words(unlock.condition)

    def revoke_view(self, request, pk) -> HttpResponse:
        """Revoke an achievement. If it paid XP, redirect to the reversal of its ledger entry, which does both."""
        unlock = get_object_or_404(Unlock.objects.held().select_related("learner", "achievement"), pk=pk)
        if entry := entry_of_unlock(unlock.learner_id, unlock.achievement):
            return redirect("admin:gamification_ledgerentry_reverse", entry.pk)
        form = StaffActionForm(request.POST or None)
        if form.is_valid() and self.run_action(request, unlock, form, lambda: self._revoke(request, unlock, form)):
            return redirect(reverse("admin:gamification_unlock_change", args=[pk]))
        return self.show_action(request, "unlock/revoke.html", title=f"Take back: {unlock}", unlock=unlock, form=form)

    def _revoke(self, request, unlock, form) -> str:
        fields = form.cleaned_data
        revoke_achievement(
            learner_id=unlock.learner_id,
            achievement=unlock.achievement,
            actor=request.user,
            at=timezone.now(),
            **fields,
        )
        return f"Taken back. Reason: {fields['reason']} Note: {fields['note']}"


@admin.register(BadgeAward)
class BadgeAwardAdmin(RowsOfLearnersMixin, ReadOnlyAdmin):
    list_display = ["learner", "badge", "awarded_at", "meaning", "actor", "note", "revoked_at", "revoked_by"]
    fields = [
        "learner",
        "badge",
        "meaning",
        "awarded_at",
        "actor",
        "metadata",
        "quiet",
        "note",
        "revoked_at",
        "revoked_by",
    ]
    readonly_fields = ["meaning"]
    indexed_filters = ("learner", "badge")
    list_filter = [REVOKED, "badge"]
    list_select_related = ["learner", "badge", "actor", "revoked_by"]

    @admin.display(description="Earned by")
    def meaning(self, award: BadgeAward) -> str:
        return in_words(award.condition)
