"""The pages of analytics, and their files."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from exchange.writing import CONTENT_TYPES, csv_portions

from .models import Analytics
from .periods import RANGES
from .reports import PAGES, Filters, Page, report_named
from .reports.learning import sections
from .rolling.jobs import analytics_now, keep_fresh

DEFAULT_RANGE = 12


class FilterForm(forms.Form):
    weeks = forms.TypedChoiceField(coerce=int, choices=[(weeks, f"{weeks} weeks") for weeks in RANGES])
    section = forms.ChoiceField(required=False)

    def __init__(self, data: Any) -> None:
        super().__init__({"weeks": data.get("weeks") or DEFAULT_RANGE, "section": data.get("section", "")})
        choices = [("", "All sections"), *((name, name) for name in sections())]
        self.fields["section"].choices = choices  # type: ignore[attr-defined]

    @property
    def filters(self) -> Filters:
        """What is no choice is left out."""
        self.is_valid()
        weeks, section = self.cleaned_data.get("weeks", DEFAULT_RANGE), self.cleaned_data.get("section", "")
        return Filters(weeks=weeks, section=section, today=timezone.now().date())


@admin.register(Analytics)
class AnalyticsAdmin(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        first, *others = PAGES
        return [
            path("", self._view(self.page_view), {"page": first}, name="analytics_analytics_changelist"),
            *(
                path(f"{page.name}/", self._view(self.page_view), {"page": page}, name=url_name(page))
                for page in others
            ),
            path("<slug:name>.csv", self._view(self.file_view), name="analytics_file"),
        ]

    def _view(self, view: Callable[..., HttpResponse]) -> Any:
        def for_viewers(request: HttpRequest, **of_url: Any) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return view(request, **of_url)

        return self.admin_site.admin_view(require_safe(for_viewers))

    def page_view(self, request: HttpRequest, page: Page) -> HttpResponse:
        analytics = analytics_now()
        keep_fresh(analytics, timezone.now())
        form = FilterForm(request.GET)
        filters = form.filters
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": page.title,
            "page": page,
            "tabs": [(f"admin:{url_name(each)}", each) for each in PAGES],
            "form": form,
            "analytics": analytics,
            "shown": [(report, report.read(filters, analytics)) for report in page.reports],
            "query": f"weeks={filters.weeks}",
            "filters": filters,
        }
        return render(request, "admin/analytics/page.html", context)

    def file_view(self, request: HttpRequest, name: str) -> HttpResponse:
        report = report_named(name)
        if report is None:
            raise Http404
        figures = report.read(FilterForm(request.GET).filters, analytics_now())
        portions = csv_portions(figures.file.header, figures.file.rows)
        answer = HttpResponse("".join(portions), content_type=CONTENT_TYPES["csv"])
        answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return answer


def url_name(page: Page) -> str:
    return "analytics_analytics_changelist" if page is PAGES[0] else f"analytics_{page.name}"
