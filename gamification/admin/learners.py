from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from gamification.awards.adjustments import adjust_xp
from gamification.errors import OwnXP
from gamification.models import LearnerProfile
from gamification.profiles.standing import player_level
from gamification.staff.approvals import needs_approval, request_adjustment
from gamification.staff.forms import AdjustForm
from gamification.staff.previews import Preview, preview_adjustment

from .staff_actions import StaffActionsAdmin


@admin.register(LearnerProfile)
class LearnerProfileAdmin(StaffActionsAdmin):
    action_links = ["adjust_link"]
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

    def get_urls(self) -> list[URLPattern]:
        adjusting = self.action_page(self.adjust_view)
        return [
            path("<int:learner_id>/adjust/", adjusting, name="gamification_learnerprofile_adjust"),
            *super().get_urls(),
        ]

    @admin.display(description="Level")
    def level(self, profile) -> str:
        standing = player_level(profile.total_xp)
        return f"{standing.level}, {standing.title}"

    @admin.display(description="Ledger")
    def history(self, profile) -> str:
        url = reverse("admin:gamification_ledgerentry_changelist")
        return format_html('<a href="{}?learner__id__exact={}">{} entries</a>', url, profile.pk, profile.last_sequence)

    @admin.display(description="By hand")
    def adjust_link(self, profile) -> str:
        return format_html(
            '<a href="{}">Adjust XP</a>', reverse("admin:gamification_learnerprofile_adjust", args=[profile.pk])
        )

    def adjust_view(self, request, learner_id) -> HttpResponse:
        """Show the form, then the preview; then adjust, or request it if a second person has to approve."""
        profile = get_object_or_404(LearnerProfile.objects.select_related("user"), pk=learner_id)
        if profile.pk == request.user.pk:
            messages.error(request, str(OwnXP.default_detail))
            return redirect("admin:gamification_learnerprofile_change", profile.pk)
        form = AdjustForm(request.POST or None)
        amount = form.cleaned_data["amount"] if form.is_valid() else None
        # The button carries the amount that was previewed: one that was changed since is previewed first.
        was_previewed = request.POST.get("_apply") == str(amount)
        if amount and was_previewed and self._apply(request, profile, form):
            return redirect("admin:gamification_learnerprofile_change", profile.pk)
        return self.show_action(
            request,
            "learnerprofile/adjust.html",
            title=f"Adjust XP of {profile}",
            profile=profile,
            form=form,
            amount=amount,
            preview=self._preview(request, profile, form) if amount else None,
            needs_approval=bool(amount) and needs_approval(amount),
            now=player_level(profile.total_xp),
        )

    def _preview(self, request, profile, form) -> Preview:
        return preview_adjustment(learner_id=profile.pk, actor=request.user, at=timezone.now(), **form.cleaned_data)

    def _apply(self, request, profile, form) -> bool:
        action = _request if needs_approval(form.cleaned_data["amount"]) else _adjust
        return self.run_action(request, profile, form, lambda: action(request, profile, form.cleaned_data))


def _adjust(request, profile, fields) -> str:
    done = adjust_xp(learner_id=profile.pk, actor=request.user, at=timezone.now(), **fields)
    before = "" if done.is_new else "Done before: "
    change = f"{done.entry.delta:+d} XP (ledger entry {done.entry.pk})"
    return f"{before}{change}. {profile} now has {done.total_xp} XP. {_why(fields)}"


def _request(request, profile, fields) -> str:
    waiting = request_adjustment(learner_id=profile.pk, actor=request.user, at=timezone.now(), **fields)
    return f"Requested {waiting.amount:+d} XP (request {waiting.pk}). A colleague has to approve it. {_why(fields)}"


def _why(fields) -> str:
    return f"Reason: {fields['reason']} Note: {fields['note']}"
