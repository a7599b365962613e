from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from rest_framework.exceptions import APIException

from .forms import AdjustForm
from .models import LearnerProfile, LedgerEntry, XPRuleSet
from .rulesets import publish_rule_set
from .services import adjust, player_level


class ReadOnlyAdmin(admin.ModelAdmin):
    """Books are looked at, never edited."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ["id", "learner", "sequence", "delta", "reason", "balance_after", "actor", "note", "created_at"]
    list_filter = ["reason", "created_at"]
    list_select_related = ["learner", "actor"]
    search_fields = ["learner__username", "reference_id", "note"]
    ordering = ["-id"]
    show_full_result_count = False


@admin.register(LearnerProfile)
class LearnerProfileAdmin(ReadOnlyAdmin):
    list_display = ["user", "total_xp", "time_zone", "leaderboard_opt_out", "adjust_link"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__email"]
    ordering = ["-total_xp"]
    fields = [
        "user",
        "total_xp",
        "level",
        "last_sequence",
        "time_zone",
        "leaderboard_opt_out",
        "history",
        "adjust_link",
    ]
    readonly_fields = ["level", "history", "adjust_link"]

    def get_urls(self):
        adjusting = self.admin_site.admin_view(self.adjust_view)
        return [
            path("<int:learner_id>/adjust/", adjusting, name="gamification_learnerprofile_adjust"),
            *super().get_urls(),
        ]

    @admin.display(description="Level")
    def level(self, profile):
        standing = player_level(profile.total_xp)
        return f"{standing.level}, {standing.title}"

    @admin.display(description="Ledger")
    def history(self, profile):
        url = reverse("admin:gamification_ledgerentry_changelist")
        return format_html('<a href="{}?learner__id__exact={}">{} lines</a>', url, profile.pk, profile.last_sequence)

    @admin.display(description="Adjust")
    def adjust_link(self, profile):
        return format_html(
            '<a href="{}">Adjust XP</a>', reverse("admin:gamification_learnerprofile_adjust", args=[profile.pk])
        )

    def adjust_view(self, request, learner_id):
        """Form, then preview of the new balance, then done."""
        if not request.user.has_perm("gamification.award_xp"):
            raise PermissionDenied
        profile = get_object_or_404(LearnerProfile.objects.select_related("user"), pk=learner_id)
        form = AdjustForm(request.POST or None)
        new_total = None
        if form.is_valid():
            new_total = profile.total_xp + form.cleaned_data["amount"]
            if "_apply" in request.POST and self._apply(request, profile, form):
                return redirect("admin:gamification_learnerprofile_change", profile.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Adjust XP of {profile}",
            "opts": self.opts,
            "profile": profile,
            "form": form,
            "new_total": new_total,
            "now": player_level(profile.total_xp),
            "then": player_level(new_total) if new_total is not None and new_total >= 0 else None,
        }
        return render(request, "admin/gamification/learnerprofile/adjust.html", context)

    def _apply(self, request, profile, form) -> bool:
        try:
            entry = adjust(learner_id=profile.pk, actor=request.user, at=timezone.now(), **form.cleaned_data)
        except APIException as refusal:
            form.add_error(None, str(refusal.detail))
            return False
        self.log_change(request, profile, f"Adjusted XP by {entry.delta:+d} (ledger line {entry.pk}).")
        messages.success(request, f"{entry.delta:+d} XP. {profile} now has {entry.balance_after} XP.")
        return True


@admin.register(XPRuleSet)
class XPRuleSetAdmin(admin.ModelAdmin):
    list_display = ["version", "status", "note", "created_at", "published_at"]
    readonly_fields = ["status", "published_at"]
    actions = ["publish"]

    def has_change_permission(self, request, obj=None):
        is_draft = obj is None or obj.status == XPRuleSet.Status.DRAFT
        return is_draft and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        is_draft = obj is not None and obj.status == XPRuleSet.Status.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    @admin.action(description="Publish the draft; the version in force retires", permissions=["change"])
    def publish(self, request, queryset):
        if len(queryset) != 1:
            self.message_user(request, "Choose one draft.", messages.ERROR)
            return
        rule_set = queryset.get()
        try:
            publish_rule_set(rule_set, at=timezone.now())
        except APIException as refusal:
            self.message_user(request, str(refusal.detail), messages.ERROR)
            return
        self.log_change(request, rule_set, "Published.")
        self.message_user(request, f"Version {rule_set.version} is in force.")
