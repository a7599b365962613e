"""The button that makes a copy of a row."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST


class DuplicateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    def duplicate(self, request: HttpRequest, row: Any) -> tuple[Any, bool]:
        """The copy, and whether it was made now."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.duplicate_view)
        return [path("<int:pk>/duplicate/", view, name=f"{self._named}_duplicate"), *super().get_urls()]

    @method_decorator(require_POST)
    def duplicate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not (self.has_add_permission(request) and self.has_view_or_change_permission(request)):
            raise PermissionDenied
        row = get_object_or_404(self.model, pk=pk)
        copy, is_new = self.duplicate(request, row)
        if is_new:
            self.log_addition(request, copy, f"Copy of “{row}”.")
        messages.success(request, f"This is a copy of “{row}”. It is not published.")
        if getattr(copy, "xp_reward", None) != getattr(row, "xp_reward", None):
            messages.warning(
                request, "It pays no XP yet, since a colleague has to approve as much as the original pays."
            )
        return redirect(f"admin:{self._named}_change", copy.pk)

    @property
    def _named(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"
