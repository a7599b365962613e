"""Amnesties: a form, a preview of what it would do, granting it as it was shown, and undoing it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from gamification.models import Amnesty, AmnestyPreview, PreviewedLearner
from gamification.staff.amnesties import (
    AmnestyChanged,
    AmnestyStands,
    check_span,
    confirm_preview,
    outcome_of_undoing,
    outdated_preview,
    refusal_to_undo,
    start_preview,
    undo_amnesty,
    users_of,
)

LEARNERS = "gamification.view_learnerprofile"
SAMPLE, PER_PAGE = 1_000, 50  # learners of a preview that are shown


class AmnestyForm(forms.ModelForm):
    class Meta:
        model = Amnesty
        fields = ["starts_at", "ends_at", "reason"]
        help_texts = {
            "starts_at": "UTC. Every local date that overlaps the span is pardoned: missing it breaks no streak.",
            "ends_at": "UTC.",
            "reason": "What learners may read.",
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # One label cannot name two inputs. Who may only look has no fields.
        for field in (self.fields[name] for name in ("starts_at", "ends_at") if name in self.fields):
            for part, widget in zip(("date", "time"), field.widget.widgets, strict=True):
                widget.attrs["aria-label"] = f"{field.label}: {part}"

    def clean(self) -> dict[str, Any]:
        span = [self.cleaned_data.get(name) for name in ("starts_at", "ends_at")]
        if all(span):
            check_span(*span)
        return super().clean()


class UndoForm(forms.Form):
    note = forms.CharField(
        max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Required. For colleagues and auditors."
    )


@admin.register(Amnesty)
class AmnestyAdmin(admin.ModelAdmin):
    """An amnesty cannot be changed once granted, since learners' days already show it; it can be undone."""

    form = AmnestyForm
    list_display = ["number", "starts_at", "ends_at", "reason", "created_by", "created_at", "undone_at"]
    list_select_related = ["created_by"]
    add_form_template = "admin/gamification/amnesty/add_form.html"
    change_form_template = "admin/gamification/amnesty/change_form.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("previews/<int:preview_id>/", self.preview_view, "preview"),
            ("<int:amnesty_id>/undo/", self.undo_view, "undo"),
        ]
        own = [path(where, self.admin_site.admin_view(view), name=_name(name)) for where, view, name in pages]
        return [*own, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Nothing is saved here: a valid form leads to the preview."""
        if request.method == "POST" and self.has_add_permission(request):
            form = self.get_form(request)(request.POST)
            if form.is_valid():
                preview = start_preview(**form.cleaned_data, actor=request.user, at=timezone.now())
                return redirect(f"admin:{_name('preview')}", preview.pk)
        return super().add_view(request, form_url, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **self._state(request, row)})

    def preview_view(self, request: HttpRequest, preview_id: int) -> HttpResponse:
        """What it would do, or how far that is known; confirmed by POST."""
        self._require_add(request)
        preview = get_object_or_404(
            AmnestyPreview.objects.select_related("job", "amnesty", "created_by"), pk=preview_id
        )
        if request.method == "POST":
            return self._confirm(request, preview)
        return self._show(
            request,
            "preview.html",
            title=str(preview),
            preview=preview,
            figures=preview.figures,
            dates=sorted(preview.figures["dates"].items()) if preview.figures else [],
            outdated="" if preview.amnesty else outdated_preview(preview),
            page=self._sample(preview, request.GET.get("page")) if request.user.has_perm(LEARNERS) else None,
            sample=SAMPLE,
        )

    def undo_view(self, request: HttpRequest, amnesty_id: int) -> HttpResponse:
        """Who depends on it, so that it stands; otherwise why it is undone, and then a job does it."""
        self._require_add(request)
        amnesty = get_object_or_404(Amnesty.objects.select_related("undo_job"), pk=amnesty_id)
        form = UndoForm(request.POST or None)
        if form.is_valid() and self._undo(request, amnesty, form):
            return redirect(f"admin:{_name('change')}", amnesty.pk)
        refusal = refusal_to_undo(amnesty)
        return self._show(
            request,
            "undo.html",
            title=_("Undo amnesty %(number)s") % {"number": amnesty.number},
            amnesty=amnesty,
            form=form,
            refusal=refusal,
            users=[] if refusal else users_of(amnesty, timezone.now()),
            sees_learners=request.user.has_perm(LEARNERS),
        )

    def _confirm(self, request: HttpRequest, preview: AmnestyPreview) -> HttpResponse:
        try:
            with transaction.atomic():
                amnesty, is_new = confirm_preview(preview.pk, actor=request.user, at=timezone.now())
                if is_new:
                    self.log_addition(request, amnesty, f"Granted as in preview {preview.pk}: {amnesty}")
        except AmnestyChanged as refusal:
            messages.error(request, str(refusal.detail))
            return self._look_again(request, preview)
        messages.success(request, _("The amnesty was granted."))
        return redirect(f"admin:{_name('change')}", amnesty.pk)

    def _look_again(self, request: HttpRequest, preview: AmnestyPreview) -> HttpResponse:
        """A preview that is not finished stays; another one is made anew."""
        if preview.is_finished:
            words = {"starts_at": preview.starts_at, "ends_at": preview.ends_at, "reason": preview.reason}
            preview = start_preview(**words, actor=request.user, at=timezone.now())
        return redirect(f"admin:{_name('preview')}", preview.pk)

    def _undo(self, request: HttpRequest, amnesty: Amnesty, form: UndoForm) -> bool:
        """False if it was refused."""
        try:
            with transaction.atomic():
                note = form.cleaned_data["note"]
                job, is_new = undo_amnesty(amnesty.pk, note=note, actor=request.user, at=timezone.now())
                if is_new:
                    self.log_change(request, amnesty, f"Job {job.pk} undoes it. Note: {note}")
        except AmnestyStands as refusal:
            form.add_error(None, str(refusal.detail))
            return False
        messages.success(request, _("Job %(number)s undoes it.") % {"number": job.pk})
        return True

    def _state(self, request: HttpRequest, amnesty: Amnesty | None) -> dict[str, Any]:
        if amnesty is None:
            return {}
        may_undo = self.has_add_permission(request)
        return {
            "undo_job": amnesty.undo_job,
            "undo_outcome": outcome_of_undoing(amnesty.undo_job) if amnesty.undo_job else "",
            "preview": AmnestyPreview.objects.filter(amnesty=amnesty).first() if may_undo else None,
            "may_undo": may_undo,
            "refusal": refusal_to_undo(amnesty),
            "sees_jobs": request.user.has_perm("jobs.view_job"),
        }

    def _sample(self, preview: AmnestyPreview, page: str | None) -> Any:
        """The learners whose streaks grow most; no page is far from the first, so none is slow."""
        rows = PreviewedLearner.objects.filter(preview=preview).select_related("learner").order_by("-gain", "learner")
        return Paginator(rows[:SAMPLE], PER_PAGE).get_page(page)

    def _require_add(self, request: HttpRequest) -> None:
        if not self.has_add_permission(request):
            raise PermissionDenied

    def _show(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "title": context["title"]}
        return render(request, f"admin/gamification/amnesty/{template}", context)


def _name(page: str) -> str:
    return f"gamification_amnesty_{page}"
