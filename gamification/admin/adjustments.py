from django import forms
from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from gamification.models import AdjustmentRequest, LearnerProfile
from gamification.profiles.standing import player_level
from gamification.staff.approvals import adjustment_of, approve_request, decline_request
from gamification.staff.previews import preview_adjustment

from .staff_actions import StaffActionsAdmin

PEOPLE = ["learner", "requested_by", "decided_by"]


@admin.register(AdjustmentRequest)
class AdjustmentRequestAdmin(StaffActionsAdmin):
    """Adjustments that one person has requested and another has to approve."""

    action_links = ["decide_link"]
    list_display = [
        "id",
        "learner",
        "amount",
        "reason",
        "status",
        "requested_by",
        "requested_at",
        "decided_by",
        "decided_at",
        "decide_link",
    ]
    list_filter = ["status", "requested_at"]
    list_select_related = PEOPLE
    search_fields = ["learner__username", "requested_by__username", "reason", "note"]
    readonly_fields = ["decide_link"]

    def get_urls(self) -> list[URLPattern]:
        deciding = self.action_page(self.decide_view)
        return [
            path("<int:request_id>/decide/", deciding, name="gamification_adjustmentrequest_decide"),
            *super().get_urls(),
        ]

    @admin.display(description="Decide")
    def decide_link(self, adjustment) -> str:
        if adjustment.status != AdjustmentRequest.Status.WAITING:
            return "-"
        url = reverse("admin:gamification_adjustmentrequest_decide", args=[adjustment.pk])
        return format_html('<a href="{}">Decide</a>', url)

    def decide_view(self, request, request_id) -> HttpResponse:
        """Show what the request would do, and approve or decline it; somebody else may have decided meanwhile."""
        adjustment = get_object_or_404(AdjustmentRequest.objects.select_related(*PEOPLE), pk=request_id)
        form = forms.Form(request.POST or None)
        action = next((action for button, action in ACTIONS.items() if button in request.POST), None)
        if (
            action
            and form.is_valid()
            and self.run_action(request, adjustment, form, lambda: action(request, adjustment))
        ):
            return redirect("admin:gamification_adjustmentrequest_changelist")
        is_waiting = adjustment.status == AdjustmentRequest.Status.WAITING
        total_xp = LearnerProfile.objects.of(adjustment.learner_id).total_xp
        return self.show_action(
            request,
            "adjustmentrequest/decide.html",
            title=f"Request {adjustment.pk}: {adjustment}",
            adjustment=adjustment,
            form=form,
            total_xp=total_xp,
            now=player_level(total_xp),
            preview=preview_adjustment(**adjustment_of(adjustment), at=timezone.now()) if is_waiting else None,
            is_mine=request.user.pk == adjustment.requested_by_id,
            is_for_me=request.user.pk == adjustment.learner_id,
            is_waiting=is_waiting,
        )


def _approve(request, adjustment) -> str:
    entry = approve_request(adjustment.pk, actor=request.user, at=timezone.now()).entry
    return (
        f"Approved: {entry.delta:+d} XP for {adjustment.learner} (ledger entry {entry.pk}), "
        f"requested by {adjustment.requested_by}. {_why(adjustment)}"
    )


def _decline(request, adjustment) -> str:
    decline_request(adjustment.pk, actor=request.user, at=timezone.now())
    return (
        f"Declined: {adjustment.amount:+d} XP for {adjustment.learner}, requested by {adjustment.requested_by}. "
        f"{_why(adjustment)}"
    )


def _why(adjustment) -> str:
    return f"Reason: {adjustment.reason} Note: {adjustment.note}"


ACTIONS = {"_approve": _approve, "_decline": _decline}
