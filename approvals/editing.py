"""Pages of the admin whose changes may take two people."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from .models import ApprovalRequest


class SecondPersonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Saves what one person may change; anything else becomes a request, and then nothing is saved."""

    def request_change(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> ApprovalRequest | None:
        """The request that this change becomes; None if one person may make it."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.waits_as = self.request_change(request, obj, form, change)
        if obj.waits_as is None:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if form.instance.waits_as is None:
            super().save_related(request, form, formsets, change)

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        return super().log_addition(request, obj, message) if waiting(obj) is None else self._log(request, obj)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        return super().log_change(request, obj, message) if waiting(obj) is None else self._log(request, obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self._response(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._response(request, obj) or super().response_change(request, obj)

    def _log(self, request: HttpRequest, obj: models.Model) -> Any:
        asked = waiting(obj)
        return super().log_change(request, asked, f"Requested: {asked}")

    def _response(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        if (asked := waiting(obj)) is None:
            return None
        url = reverse("admin:approvals_approvalrequest_decide", args=[asked.pk])
        text = 'Nothing is saved yet: a colleague has to approve it first (<a href="{}">request {}</a>).'
        messages.warning(request, format_html(text, url, asked.pk))
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


def waiting(obj: models.Model) -> ApprovalRequest | None:
    """The request that the change of `obj` became in this request, if any."""
    return getattr(obj, "waits_as", None)
