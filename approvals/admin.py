"""The page Approvals: what waits for a second person, what each request does, and its decision."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from rest_framework import exceptions

from . import services
from .models import WAITING_FIRST, ApprovalRequest, RequestQuerySet
from .registry import kind_of, kinds

VIEW = "approvals.view_approvalrequest"


class DecisionForm(forms.Form):
    note = forms.CharField(
        required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}), help_text="For colleagues: why."
    )


@admin.register(ApprovalRequest)
class ApprovalRequestAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = [
        "decide_link",
        "what",
        "at_stake",
        "learner",
        "requested_by",
        "requested_at",
        "status",
        "decided_by",
    ]
    list_display_links = None
    list_filter = ["status", "kind", "requested_at"]
    list_select_related = ["learner", "requested_by", "decided_by"]
    search_fields = ["learner__username", "requested_by__username", "summary", "reason", "note"]
    ordering = WAITING_FIRST
    actions = None
    exclude = ["fingerprint"]

    def get_urls(self) -> list[URLPattern]:
        deciding = self.admin_site.admin_view(self.decide_view)
        return [
            path("<int:request_id>/decide/", deciding, name="approvals_approvalrequest_decide"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> RequestQuerySet:
        """Everything for whoever has the view permission; for others what they asked for or may decide."""
        rows = ApprovalRequest.objects.all()
        if request.user.has_perm(VIEW):
            return rows
        return rows.filter(kind__in=_names_of_kinds(request.user)) | rows.filter(requested_by=request.user.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApprovalRequest | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApprovalRequest | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: ApprovalRequest | None = None) -> bool:
        return request.user.has_perm(VIEW) or bool(_names_of_kinds(request.user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description="Request", ordering="pk")
    def decide_link(self, request: ApprovalRequest) -> str:
        url = reverse("admin:approvals_approvalrequest_decide", args=[request.pk])
        return format_html('<a href="{}">{} {}</a>', url, "Decide" if request.is_waiting else "Show", request.pk)

    @admin.display(description="What", ordering="summary")
    def what(self, request: ApprovalRequest) -> str:
        return f"{kind_of(request).label}: {request.summary}"

    @admin.display(description="XP at stake", ordering="xp")
    def at_stake(self, request: ApprovalRequest) -> str:
        """Empty where it cannot be known, as for rules."""
        return f"{request.xp:+d}" if request.xp else "-"

    def decide_view(self, request: HttpRequest, request_id: int) -> HttpResponse:
        """Show what the request does, and approve or decline it; somebody else may have decided meanwhile."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = get_object_or_404(self.get_queryset(request).select_related(*self.list_select_related), pk=request_id)
        form = DecisionForm(request.POST or None)
        decide = next((decide for button, decide in DECISIONS.items() if button in request.POST), None)
        if decide and form.is_valid() and self._decide(request, asked, form, decide):
            return redirect("admin:approvals_approvalrequest_changelist")
        asked.refresh_from_db()
        return render(request, "admin/approvals/approvalrequest/decide.html", self._context(request, asked, form))

    def _decide(
        self, request: HttpRequest, asked: ApprovalRequest, form: DecisionForm, decide: Callable[..., str]
    ) -> bool:
        """Decide and log it in one transaction; False if it was refused."""
        try:
            with transaction.atomic():
                message = decide(asked, actor=request.user, at=timezone.now(), note=form.cleaned_data["note"])
                self.log_change(request, asked, message)
        except exceptions.PermissionDenied as refusal:
            raise PermissionDenied from refusal
        except exceptions.APIException as refusal:
            form.add_error(None, str(refusal.detail))
            return False
        messages.success(request, message)
        return True

    def _context(self, request: HttpRequest, asked: ApprovalRequest, form: DecisionForm) -> dict[str, Any]:
        sentences, obstacle = _description(asked)
        refusal = services.refusal_of(asked, actor=request.user, at=timezone.now())
        is_own = asked.requested_by_id == request.user.pk
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Request {asked.pk}: {asked.summary}",
            "asked": asked,
            "kind": kind_of(asked),
            "form": form,
            "sentences": sentences,
            "obstacle": obstacle,
            "refusal": str(refusal.detail) if refusal and asked.is_waiting else "",
            "is_own": is_own,
            "may_approve": not refusal and not obstacle,
            "may_decline": asked.is_waiting and (is_own or request.user.has_perm(kind_of(asked).permission)),
        }


def _names_of_kinds(person: Any) -> list[str]:
    """The kinds that this person may decide about."""
    return [kind.name for kind in kinds() if person.has_perm(kind.permission)]


def _description(asked: ApprovalRequest) -> tuple[list[str], str]:
    """What approving does in sentences, and why it cannot be done now; of decided requests neither."""
    if not asked.is_waiting:
        return [], ""
    try:
        return kind_of(asked).describe(asked, at=timezone.now()), ""
    except exceptions.APIException as obstacle:
        return [], _text_of(obstacle)


def _text_of(refusal: exceptions.APIException) -> str:
    """The first sentence of an error, which a ValidationError keeps in a list or by field."""
    detail = refusal.detail
    while isinstance(detail, list | dict):
        detail = next(iter(detail.values() if isinstance(detail, dict) else detail))
    return str(detail)


def _approve(asked: ApprovalRequest, **decision: Any) -> str:
    done = services.approve(asked.pk, **decision).result["done"]
    return f"Approved: {_what(asked)} {done}{_why(asked)}"


def _decline(asked: ApprovalRequest, **decision: Any) -> str:
    status = services.decline(asked.pk, **decision).get_status_display()
    return f"{status}: {_what(asked)}{_why(asked)}"


def _what(asked: ApprovalRequest) -> str:
    learner = f" for {asked.learner}" if asked.learner else ""
    return f"{asked.summary}{learner}, requested by {asked.requested_by}."


def _why(asked: ApprovalRequest) -> str:
    words = {"Reason": asked.reason, "Note": asked.note}
    return "".join(f" {name}: {text}" for name, text in words.items() if text)


DECISIONS = {"_approve": _approve, "_decline": _decline}
