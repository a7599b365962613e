from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import formats, timezone
from django.utils.html import format_html

from .kinds import JobKind, all_kinds, kind_named
from .models import Job
from .services import cancel_job, continue_job


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    """Staff see the jobs of the kinds that they may start; with the right to view jobs, all of them."""

    change_form_template = "admin/jobs/job/change_form.html"
    list_display = ["title", "state", "progress", "created_by", "created_at", "finished_at"]
    list_filter = ["state"]
    list_select_related = ["created_by", "learner"]
    ordering = ["-id"]
    actions = None
    show_full_result_count = False
    fields = [
        "title",
        "state",
        "progress",
        "outcome",
        "error",
        "note",
        "created_by",
        "created_at",
        "started_at",
        "last_portion",
        "finished_at",
    ]
    readonly_fields = ["title", "progress", "outcome", "last_portion"]

    def get_urls(self) -> list[URLPattern]:
        return [
            path("<int:job_id>/cancel/", self.admin_site.admin_view(self.cancel_view), name="jobs_job_cancel"),
            path("<int:job_id>/continue/", self.admin_site.admin_view(self.continue_view), name="jobs_job_continue"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        jobs = super().get_queryset(request)
        if super().has_view_permission(request):
            return jobs
        return jobs.filter(kind__in=[kind.name for kind in _kinds_of(request)])

    def has_view_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return super().has_view_permission(request, obj) or bool(_kinds_of(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    @admin.display(description="Job")
    def title(self, job: Job) -> str:
        kind = kind_named(job.kind)
        return kind.title(job) if kind else job.kind

    @admin.display(description="Progress")
    def progress(self, job: Job) -> str:
        if job.total is None or job.done > job.total:  # more came while it ran
            return f"{job.done:,}"
        numbers = f"{job.done:,} of {job.total:,}"
        return format_html('<progress value="{}" max="{}"></progress> {}', job.done, job.total, numbers)

    @admin.display(description="Last portion")
    def last_portion(self, job: Job) -> str:
        return formats.localize(timezone.localtime(job.heartbeat)) if job.started_at else "-"

    @admin.display(description="So far")
    def outcome(self, job: Job) -> str:
        kind = kind_named(job.kind)
        return kind.outcome(job) if kind else "-"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        job = self.get_object(request, unquote(object_id))
        shown = {"job": job, "title": self.title(job), "may_act": _may_act(request, job)} if job else {}
        extra_context = {**(extra_context or {}), **shown}
        return super().change_view(request, object_id, form_url, extra_context)

    def cancel_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        return self._act(request, job_id, "Cancelled.", lambda: cancel_job(job_id, at=timezone.now()))

    def continue_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        return self._act(request, job_id, "Continued.", lambda: continue_job(job_id))

    def _act(self, request: HttpRequest, job_id: int, message: str, act: Callable[[], bool]) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        job = get_object_or_404(self.get_queryset(request), pk=job_id)
        if not _may_act(request, job):
            raise PermissionDenied
        with transaction.atomic():
            if act():
                self.log_change(request, job, message)
                messages.success(request, message)
            else:
                messages.warning(request, "Nothing changed: meanwhile the job is in another state.")
        return redirect("admin:jobs_job_change", job_id)


def _kinds_of(request: HttpRequest) -> list[JobKind]:
    """The kinds that this person may start."""
    return [kind for kind in all_kinds() if request.user.has_perm(kind.permission)]


def _may_act(request: HttpRequest, job: Job) -> bool:
    kind = kind_named(job.kind)
    return kind in _kinds_of(request) if kind else request.user.is_superuser
