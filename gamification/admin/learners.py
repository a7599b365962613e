from functools import partial

from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone

from approvals.errors import OwnXP
from approvals.models import ApprovalRequest
from gamification.awards.adjustments import Adjusted
from gamification.models import LearnerProfile
from gamification.profiles.standing import player_level
from gamification.staff.approvals import adjust_or_request, needs_approval
from gamification.staff.forms import AdjustForm
from gamification.staff.previews import Preview, preview_adjustment

from . import day_repairs, standings
from .staff_actions import StaffActionsAdmin
from .standings import CHANGE_STANDING


@admin.register(LearnerProfile)
class LearnerProfileAdmin(StaffActionsAdmin):
    """What staff do to one learner; `skillquest.learner_page` has the page and the list that lead here."""

    search_fields = ["user__username"]
    list_select_related = ["user"]

    def get_urls(self) -> list[URLPattern]:
        adjusting = self.action_page(self.adjust_view)
        standing = self.action_page(self.standing_view, CHANGE_STANDING)
        return [
            path("<int:learner_id>/adjust/", adjusting, name="gamification_learnerprofile_adjust"),
            path("<int:learner_id>/standing/", standing, name="gamification_learnerprofile_standing"),
            *self._day_pages(),
            *super().get_urls(),
        ]

    def _day_pages(self) -> list[URLPattern]:
        return [
            path(
                f"<int:learner_id>/{act.path}/",
                self.action_page(partial(day_repairs.repair_view, self, act=act), day_repairs.REPAIR_DAYS),
                name=f"gamification_learnerprofile_{name}",
            )
            for name, act in day_repairs.ACTS.items()
        ]

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
