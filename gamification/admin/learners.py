from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from approvals.errors import OwnXP
from approvals.models import ApprovalRequest
from gamification.awards.adjustments import Adjusted
from gamification.models import LearnerProfile
from gamification.profiles.standing import player_level
from gamification.staff.approvals import adjust_or_request, needs_approval
from gamification.staff.forms import AdjustForm
from gamification.staff.previews import Preview, preview_adjustment

from . import standings
from .staff_actions import ADJUST_XP, StaffActionsAdmin
from .standings import CHANGE_STANDING


@admin.register(LearnerProfile)
class LearnerProfileAdmin(StaffActionsAdmin):
    action_links = {"adjust_link": ADJUST_XP, "standing_link": CHANGE_STANDING}
    list_display = ["user", "total_xp", "time_zone", "leaderboard_opt_out", "board_standing", "adjust_link"]
    list_filter = ["board_standing"]
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
        "board_standing",
        "board_standing_until",
        "history",
        "adjust_link",
        "standing_link",
    ]
    readonly_fields = ["level", "history", "adjust_link", "standing_link"]

    def get_urls(self) -> list[URLPattern]:
        adjusting = self.action_page(self.adjust_view)
        standing = self.action_page(self.standing_view, CHANGE_STANDING)
        return [
            path("<int:learner_id>/adjust/", adjusting, name="gamification_learnerprofile_adjust"),
            path("<int:learner_id>/standing/", standing, name="gamification_learnerprofile_standing"),
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

    @admin.display(description="Leaderboards")
    def standing_link(self, profile) -> str:
        url = reverse("admin:gamification_learnerprofile_standing", args=[profile.pk])
        return format_html('<a href="{}">Board standing</a>', url)

    def standing_view(self, request, learner_id) -> HttpResponse:
        return standings.standing_view(self, request, learner_id)

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
            needs_approval=bool(amount) and self._needs_approval(request, profile, amount),
            now=player_level(profile.total_xp),
        )

    def _preview(self, request, profile, form) -> Preview:
        return preview_adjustment(learner_id=profile.pk, actor=request.user, at=timezone.now(), **form.cleaned_data)

    def _needs_approval(self, request, profile, amount) -> bool:
        return needs_approval(learner_id=profile.pk, amount=amount, actor=request.user, at=timezone.now())

    def _apply(self, request, profile, form) -> bool:
        return self.run_action(request, profile, form, lambda: _adjust(request, profile, form.cleaned_data))


def _adjust(request, profile, fields) -> str:
    done = adjust_or_request(learner_id=profile.pk, actor=request.user, at=timezone.now(), **fields)
    return _requested(done, fields) if isinstance(done, ApprovalRequest) else _adjusted(done, profile, fields)


def _adjusted(done: Adjusted, profile, fields) -> str:
    before = "" if done.is_new else "Done before: "
    change = f"{done.entry.delta:+d} XP (ledger entry {done.entry.pk})"
    return f"{before}{change}. {profile} now has {done.total_xp} XP. {_why(fields)}"


def _requested(waiting: ApprovalRequest, fields) -> str:
    return f"Requested {waiting.xp:+d} XP (request {waiting.pk}). A colleague has to approve it. {_why(fields)}"


def _why(fields) -> str:
    return f"Reason: {fields['reason']} Note: {fields['note']}"
