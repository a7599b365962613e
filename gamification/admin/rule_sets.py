from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from rest_framework.exceptions import APIException

from catalogues.editing import fingerprint
from gamification.models import XPRuleSet
from gamification.rule_sets.descriptions import differences, numbers_of
from gamification.rule_sets.publishing import Comparison, publish_rule_set

from .rule_set_forms import FIELDSETS, RuleSetForm

Status = XPRuleSet.Status


class PublishForm(forms.Form):
    """What the page compared, so that nothing else is published."""

    in_force = forms.IntegerField(widget=forms.HiddenInput)
    draft = forms.CharField(widget=forms.HiddenInput)


@admin.register(XPRuleSet)
class XPRuleSetAdmin(admin.ModelAdmin):
    form = RuleSetForm
    list_display = ["version", "status", "note", "created_at", "published_at", "publish_link"]
    actions = ["publish"]

    def get_urls(self) -> list[URLPattern]:
        publishing = self.admin_site.admin_view(self.publish_view)
        return [path("<int:key>/publish/", publishing, name="gamification_xpruleset_publish"), *super().get_urls()]

    def has_change_permission(self, request, obj=None) -> bool:
        is_draft = obj is None or obj.status == Status.DRAFT
        return is_draft and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        is_draft = obj is not None and obj.status == Status.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def get_form(self, request, obj=None, change=False, **options) -> type[forms.ModelForm]:
        if obj and not self.has_change_permission(request, obj):
            options["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **options)

    def get_fieldsets(self, request, obj=None) -> list[tuple[str | None, dict[str, Any]]]:
        if obj and not self.has_change_permission(request, obj):
            return [(None, {"fields": ["version", "status", "note", "created_at", "published_at", "numbers"]})]
        return FIELDSETS

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        # Ledger entries refer to a version by its number, so it never changes.
        return ["version", "status", "created_at", "published_at", "numbers"] if obj else []

    def get_changeform_initial_data(self, request) -> dict[str, int]:
        return {"version": XPRuleSet.objects.aggregate(last=Max("version"))["last"] + 1}

    @admin.display(description="Numbers")
    def numbers(self, rule_set) -> str:
        rows = ((number.path, value.replace("\n", ", "), number.words) for number, value in numbers_of(rule_set.rules))
        lines = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>', rows)
        return format_html("<table>{}</table>", lines)

    @admin.display(description="Publish")
    def publish_link(self, rule_set) -> str:
        if rule_set.status != Status.DRAFT:
            return "-"
        return format_html('<a href="{}">Compare and publish</a>', _publish_url(rule_set))

    @admin.action(description="Compare the draft with the version in force, then publish", permissions=["change"])
    def publish(self, request, queryset) -> HttpResponse | None:
        if len(queryset) != 1:
            self.message_user(request, "Choose one draft.", messages.ERROR)
            return None
        return redirect(_publish_url(queryset.get()))

    def publish_view(self, request, key) -> HttpResponse:
        """Show what would change; a POST publishes exactly that."""
        draft = get_object_or_404(XPRuleSet, pk=key)
        if not super().has_change_permission(request):
            raise PermissionDenied
        form, refusals = PublishForm(request.POST or None), []
        if form.is_valid():
            refusals = self._publish(request, draft, Comparison(**form.cleaned_data))
            if not refusals:
                return redirect("admin:gamification_xpruleset_changelist")
        in_force = XPRuleSet.objects.published().get()
        changes = differences(in_force.rules, draft.rules)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Publish version {draft.version}",
            "opts": self.opts,
            "draft": draft,
            "is_draft": draft.status == Status.DRAFT,
            "in_force": in_force,
            "differences": changes,
            "is_other_curve": any(change.path.startswith("curve.") for change in changes),
            "refusals": refusals,
            "form": PublishForm(initial={"in_force": in_force.version, "draft": fingerprint(draft)}),
        }
        return render(request, "admin/gamification/xpruleset/publish.html", context)

    def _publish(self, request, draft, compared) -> list[str]:
        """Why it could not be published; empty if it was."""
        try:
            with transaction.atomic():
                in_force = XPRuleSet.objects.published().get()
                published = publish_rule_set(draft, at=timezone.now(), compared=compared)
                self.log_change(request, published, _log_message(in_force, published))
        except (APIException, ValidationError) as refusal:
            draft.refresh_from_db()
            return refusal.messages if isinstance(refusal, ValidationError) else [str(refusal.detail)]
        messages.success(request, f"Version {draft.version} is in force.")
        return []


def _log_message(in_force: XPRuleSet, draft: XPRuleSet) -> str:
    changes = [
        f"{change.path} from {change.before!r} to {change.after!r}"
        for change in differences(in_force.rules, draft.rules)
    ]
    what = "; ".join(changes) or "the same numbers"
    return f"Published instead of version {in_force.version}: {what}. Note: {draft.note}"


def _publish_url(rule_set: XPRuleSet) -> str:
    return reverse("admin:gamification_xpruleset_publish", args=[rule_set.pk])
