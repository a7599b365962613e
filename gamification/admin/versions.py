"""The admin of rules and limits: a draft is a form; what it changes is shown before it is published."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from rest_framework.exceptions import APIException

from approvals.services import second_person_is_needed
from catalogues.editing import fingerprint
from change_history.admin import HistoryAdmin
from gamification.models.versions import Version
from gamification.staff.version_approvals import request_publication
from gamification.versions.numbers import Difference, Number, differences, with_values
from gamification.versions.publishing import Comparison

Status = Version.Status


class PublishForm(forms.Form):
    """What the page compared, so that nothing else is published."""

    in_force = forms.IntegerField(widget=forms.HiddenInput)
    draft = forms.CharField(widget=forms.HiddenInput)


class VersionAdmin(HistoryAdmin):
    """A subclass says which numbers a version has, and which service publishes it."""

    list_display = ["version", "status", "note", "created_at", "published_at", "publish_link"]
    actions = ["publish"]
    change_form_template = "admin/gamification/version/change_form.html"
    publish_template = "admin/gamification/version/publish.html"
    described: list[Number]
    form_fieldsets: list[tuple[str | None, dict[str, Any]]]
    publish_service: Callable[..., Version]

    def get_urls(self) -> list[URLPattern]:
        publishing = self.admin_site.admin_view(self.publish_view)
        return [path("<int:key>/publish/", publishing, name=self._name("publish")), *super().get_urls()]

    def get_list_display(self, request) -> list[str]:
        may_publish = super().has_change_permission(request)
        return [name for name in self.list_display if name != "publish_link" or may_publish]

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
        return self.form_fieldsets

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        # Other rows refer to a version by its number, so it never changes.
        return ["version", "status", "created_at", "published_at", "numbers"] if obj else []

    def get_changeform_initial_data(self, request) -> dict[str, int]:
        return {"version": self.model.objects.aggregate(last=Max("version"))["last"] + 1}

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None) -> HttpResponse:
        context["publish_url"] = self._publish_url(obj) if obj and obj.status == Status.DRAFT else None
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    @admin.display(description="Numbers")
    def numbers(self, version) -> str:
        shown = with_values(self.described, version.numbers)
        rows = ((number.path, value.replace("\n", ", "), number.words) for number, value in shown)
        lines = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>', rows)
        return format_html('<table class="stacked">{}</table>', lines)

    @admin.display(description="Publish")
    def publish_link(self, version) -> str:
        if version.status != Status.DRAFT:
            return "-"
        return format_html('<a href="{}">Compare and publish</a>', self._publish_url(version))

    @admin.action(description="Compare the draft with the version in force, then publish", permissions=["change"])
    def publish(self, request, queryset) -> HttpResponse | None:
        if len(queryset) != 1:
            self.message_user(request, "Choose one draft.", messages.ERROR)
            return None
        return redirect(self._publish_url(queryset.get()))

    def publish_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show what would change; a POST publishes exactly that."""
        draft = get_object_or_404(self.model, pk=key)
        if not super().has_change_permission(request):
            raise PermissionDenied
        form, refusals = PublishForm(request.POST or None), []
        if form.is_valid():
            refusals = self._publish(request, draft, Comparison(**form.cleaned_data))
            if not refusals:
                return redirect(self.after_publishing(draft))
        in_force = self.model.objects.published().get()
        changes = differences(self.described, in_force.numbers, draft.numbers)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Publish version {draft.version}",
            "opts": self.opts,
            "draft": draft,
            "is_draft": draft.status == Status.DRAFT,
            "in_force": in_force,
            "differences": changes,
            "list_url": self._url("changelist"),
            "draft_url": self._url("change", draft.pk),
            "refusals": refusals,
            "needs_approval": second_person_is_needed(),
            "form": PublishForm(initial={"in_force": in_force.version, "draft": fingerprint(draft)}),
            **self.publish_context(changes),
        }
        return render(request, self.publish_template, context)

    def after_publishing(self, draft: Version) -> str:
        """The page that comes next; a draft whose publication was requested is one still."""
        return self._url("changelist")

    def publish_context(self, changes: list[Difference]) -> dict[str, Any]:
        """What the page for publishing says besides."""
        return {}

    def _publish(self, request: HttpRequest, draft: Version, compared: Comparison) -> list[str]:
        """Why it could not be published; empty if it was."""
        try:
            with transaction.atomic():
                message = self._publish_or_request(request, draft, compared)
        except (APIException, ValidationError) as refusal:
            draft.refresh_from_db()
            return refusal.messages if isinstance(refusal, ValidationError) else [str(refusal.detail)]
        messages.success(request, message)
        return []

    def _publish_or_request(self, request: HttpRequest, draft: Version, compared: Comparison) -> str:
        by = {"actor": request.user, "at": timezone.now()}
        if second_person_is_needed():
            asked = request_publication(draft, compared=compared, **by)
            message = f"Requested to publish it (request {asked.pk}). A colleague has to approve it."
            self.log_change(request, draft, message)
            return message
        in_force = self.model.objects.published().get()
        published = type(self).publish_service(draft, at=by["at"], compared=compared)
        self.log_change(request, published, self._log_message(in_force, published))
        return f"Version {draft.version} is in force."

    def _log_message(self, in_force: Version, draft: Version) -> str:
        changes = [
            f"{change.path} from {change.before!r} to {change.after!r}"
            for change in differences(self.described, in_force.numbers, draft.numbers)
        ]
        what = "; ".join(changes) or "the same numbers"
        return f"Published instead of version {in_force.version}: {what}. Note: {draft.note}"

    def _name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _url(self, page: str, *args: Any) -> str:
        return reverse(f"admin:{self._name(page)}", args=args)

    def _publish_url(self, version: Version) -> str:
        return self._url("publish", version.pk)
