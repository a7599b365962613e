"""The pages on which staff import a file: uploading it, and what it does row by row."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst

from approvals.models import ApprovalRequest
from change_history.values import leaves

from . import jobs, services
from .applying import ChangedMeanwhileError
from .models import FileImport, ImportRow
from .reading.rows import UnreadableFileError
from .resources import ExchangeResource

ROWS_ON_A_PAGE = 50
VERDICTS = [*ImportRow.Verdict.values]


class UploadForm(forms.Form):
    file = forms.FileField(
        max_length=200,
        help_text="CSV (UTF-8), JSON or XLSX, as the export writes it. Columns that are left out stay as they are.",
        widget=forms.FileInput(attrs={"accept": ".csv,.json,.xlsx"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_BYTES_AT_MOST:
            raise ValidationError(f"The file has more than {settings.IMPORT_BYTES_AT_MOST:,} bytes.")
        return file


class ImportAdmin(admin.ModelAdmin):
    """For models with a resource, by which files are imported and exported."""

    resource_class: type[ExchangeResource]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        return [
            path("import/", self.admin_site.admin_view(self.upload_view), name=name),
            path("import/<int:import_id>/", self.admin_site.admin_view(self.import_view), name=f"{name}_rows"),
            *super().get_urls(),
        ]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) or self.has_change_permission(request)

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Compare a file with what is stored. Nothing is saved here."""
        self._check(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                file = form.cleaned_data["file"]
                source = services.upload(
                    resource=self._resource(request), file_name=file.name, content=file.read(), at=timezone.now()
                )
            except UnreadableFileError as error:
                form.add_error("file", str(error))
            else:
                return redirect(self._page_of(source))
        own = FileImport.objects.open().filter(kind=self.resource_class.kind, created_by=request.user.pk)
        context = {"form": form, "own": [(one, self._page_of(one)) for one in own.order_by("-pk")]}
        context["columns"] = self.resource_class.columns()
        context["key"] = self.resource_class.key
        return self._render(request, "upload.html", title=f"Import {self.opts.verbose_name_plural}", **context)

    def import_view(self, request: HttpRequest, import_id: int) -> HttpResponse:
        """What the file does to each row, and the buttons that import, compare again or discard it."""
        self._check(request)
        own = {"pk": import_id, "kind": self.resource_class.kind, "created_by": request.user.pk}
        source = get_object_or_404(FileImport, **own)
        if request.method == "POST":
            self._act(request, source)
            return redirect(self._page_of(source))
        job = jobs.job_of(source)
        return self._render(
            request, "rows.html", title=f"Import of {source.file_name}", **self._rows(request, source, job)
        )

    def _check(self, request: HttpRequest) -> None:
        if not self.has_import_permission(request):
            raise PermissionDenied

    def _resource(self, request: HttpRequest) -> ExchangeResource:
        return self.resource_class(actor=request.user, at=timezone.now())

    def _page_of(self, source: FileImport) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_import_rows", args=[source.pk])

    # --- Acts ---------------------------------------------------------------------------------------------------------

    def _act(self, request: HttpRequest, source: FileImport) -> None:
        by: dict[str, Any] = {"actor": request.user, "at": timezone.now()}
        try:
            if "_apply" in request.POST or "_leave_out" in request.POST:
                self._apply(request, source, **by)
            elif "_compare" in request.POST:
                services.recompare(source.pk, **by)
            elif "_discard" in request.POST:
                services.discard(source.pk, **by)
                messages.success(request, "Discarded. Nothing was imported.")
        except services.NotImportedError as refusal:
            messages.warning(request, str(refusal))
        except ChangedMeanwhileError as changed:
            messages.error(request, f"{changed} Nothing is saved. This is what the file does now.")

    def _apply(self, request: HttpRequest, source: FileImport, **by: Any) -> None:
        leave_out = "_leave_out" in request.POST
        shown = request.POST["_leave_out" if leave_out else "_apply"]
        done = services.apply_or_request(source.pk, shown=shown, leave_out=leave_out, **by)
        if isinstance(done, ApprovalRequest):
            url = reverse("admin:approvals_approvalrequest_decide", args=[done.pk])
            text = 'Nothing is saved yet: a colleague has to approve it first (<a href="{}">request {}</a>).'
            messages.warning(request, format_html(text, url, done.pk))
        elif done.state == FileImport.State.DONE:
            messages.success(request, f"Imported: {_words(done.counts)}.")

    # --- What the pages show ------------------------------------------------------------------------------------------

    def _rows(self, request: HttpRequest, source: FileImport, job: Any) -> dict[str, Any]:
        verdict = request.GET.get("verdict")
        verdict = verdict if verdict in VERDICTS else ""
        rows = source.rows.filter(verdict=verdict) if verdict else source.rows.exclude(verdict="unchanged")
        # What the reader has to mend comes first.
        rows = rows.annotate(is_refused=Q(verdict="refused")).order_by("-is_refused", "number")
        shown = rows if source.state != FileImport.State.COMPARING else source.rows.none()
        page = Paginator(shown, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
        return {
            "source": source,
            "upload_url": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_import"),
            "page": page,
            "lines": [(row, [*self._differences(row)]) for row in page],
            "verdict": verdict,
            "has_new": source.counts.get("new", 0),
            "counts": [(name, source.counts.get(name, 0)) for name in VERDICTS],
            "job": job if job and not job.is_finished else None,
            "failed_job": job if job and job.state == "failed" and source.is_open else None,
            "refused": source.counts.get("refused", 0),
            "needs_second": source.rows.filter(needs_second=True).count(),
        }

    def _differences(self, row: ImportRow) -> Iterator[tuple[str, str, str]]:
        """(column, before, after) of a changed row, or of what the file says of a new one, in words."""
        is_new = row.verdict == "new"
        # PostgreSQL keeps an object's names in an order of its own.
        for name in self.resource_class.columns():
            if name not in row.changes or (is_new and name not in row.cells):
                continue
            before, after = row.changes[name]
            for label, *values in leaves(name, before or {} if isinstance(after, dict) else before, after):
                old, new = (_in_words(value) for value in values)
                if old != new and not (is_new and new == "-"):
                    yield capfirst(label.replace("_", " ")), old, new

    def _render(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        context |= {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"admin/exchange/{template}", context)


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{counts[name]:,} {name}" for name in VERDICTS if counts.get(name))


def _in_words(value: Any) -> str:
    match value:
        case None | "" | [] | {}:
            return "-"
        case bool():
            return "Yes" if value else "No"
        case list() if all(isinstance(one, str) for one in value):
            return "\n".join(value)
    return str(value)
