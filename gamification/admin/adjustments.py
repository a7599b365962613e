from django import forms
from django.contrib import admin
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from gamification.models import AdjustmentRequest, LearnerProfile
from gamification.profiles.standing import player_level
from gamification.staff.approvals import adjustment_of, approve_request, decline_request
from gamification.staff.previews import preview_adjustment

from .acts import ActsAdmin

PEOPLE = ["learner", "requested_by", "decided_by"]


@admin.register(AdjustmentRequest)
class AdjustmentRequestAdmin(ActsAdmin):
    """What one person asked for and another has to approve."""

    act_links = ["decide_link"]
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

    def get_urls(self):
        deciding = self.act_page(self.decide_view)
        return [
            path("<int:request_id>/decide/", deciding, name="gamification_adjustmentrequest_decide"),
            *super().get_urls(),
        ]

    @admin.display(description="Decide")
    def decide_link(self, asked):
        if asked.status != AdjustmentRequest.Status.WAITING:
            return "-"
        url = reverse("admin:gamification_adjustmentrequest_decide", args=[asked.pk])
        return format_html('<a href="{}">Decide</a>', url)

    def decide_view(self, request, request_id):
        """What it would do, with two buttons; decided once, whoever else decides meanwhile."""
        asked = get_object_or_404(AdjustmentRequest.objects.select_related(*PEOPLE), pk=request_id)
        form = forms.Form(request.POST or None)
        act = next((act for button, act in ACTS.items() if button in request.POST), None)
        if act and form.is_valid() and self.do(request, asked, form, lambda: act(request, asked)):
            return redirect("admin:gamification_adjustmentrequest_changelist")
        is_waiting = asked.status == AdjustmentRequest.Status.WAITING
        total_xp = LearnerProfile.objects.of(asked.learner_id).total_xp
        return self.show_act(
            request,
            "adjustmentrequest/decide.html",
            title=f"Request {asked.pk}: {asked}",
            asked=asked,
            form=form,
            total_xp=total_xp,
            now=player_level(total_xp),
            preview=preview_adjustment(**adjustment_of(asked), at=timezone.now()) if is_waiting else None,
            is_mine=request.user.pk == asked.requested_by_id,
            is_for_me=request.user.pk == asked.learner_id,
            is_waiting=is_waiting,
        )


def _approve(request, asked) -> str:
    entry = approve_request(asked.pk, actor=request.user, at=timezone.now()).entry
    return (
        f"Approved: {entry.delta:+d} XP for {asked.learner} (ledger line {entry.pk}), "
        f"asked for by {asked.requested_by}. {_why(asked)}"
    )


def _decline(request, asked) -> str:
    decline_request(asked.pk, actor=request.user, at=timezone.now())
    return f"Declined: {asked.amount:+d} XP for {asked.learner}, asked for by {asked.requested_by}. {_why(asked)}"


def _why(asked) -> str:
    return f"Reason: {asked.reason} Note: {asked.note}"


ACTS = {"_approve": _approve, "_decline": _decline}
