"""The page Server keys: staff create, rotate and revoke keys, and see which are in use."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from apidocs.server_keys import Scope
from change_history.admin import HistoryAdmin

from .forms import AWARD_RIGHT, RotateForm, ServerKeyForm
from .key_tokens import KeyToken
from .models import ServerKey
from .services import KeyNotRotatable, create_key, revoke_key, rotate_key

MANAGE = "machines.manage_server_keys"
CHOSEN_ONCE = ["scopes", "mode", "expires_at"]
SHOWN = ["prefix", "state", "created_by", "created_at", "last_used_at", "revoked_at"]


@admin.register(ServerKey)
class ServerKeyAdmin(HistoryAdmin):
    """The secret is in the answer that creates it, and nowhere else."""

    form = ServerKeyForm
    change_form_template = "admin/machines/serverkey/change_form.html"
    list_display = ["name", "prefix", "mode", "scopes_in_words", "state", "created_by", "created_at", "last_used_at"]
    list_filter = ["mode", "created_at", "revoked_at"]
    list_select_related = ["created_by"]
    search_fields = ["name", "prefix"]
    ordering = ["-pk"]
    actions = None

    # --- Rights -------------------------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MANAGE)

    def has_change_permission(self, request: HttpRequest, obj: ServerKey | None = None) -> bool:
        return request.user.has_perm(MANAGE)

    def has_view_permission(self, request: HttpRequest, obj: ServerKey | None = None) -> bool:
        return request.user.has_perm(MANAGE) or super().has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ServerKey | None = None) -> bool:
        """Results and the log name keys, so they are revoked instead."""
        return False

    # --- List and form ------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [
            path("<int:pk>/rotate/", self.admin_site.admin_view(self.rotate_view), name="machines_serverkey_rotate"),
            path("<int:pk>/revoke/", self.admin_site.admin_view(self.revoke_view), name="machines_serverkey_revoke"),
            *super().get_urls(),
        ]

    def get_fields(self, request: HttpRequest, obj: ServerKey | None = None) -> list[str]:
        return [*ServerKeyForm.Meta.fields, *(SHOWN if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: ServerKey | None = None) -> list[str]:
        return [*CHOSEN_ONCE, *SHOWN] if obj else []

    def get_form(
        self, request: HttpRequest, obj: ServerKey | None = None, change: bool = False, **options: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change, **options)
        form.may_award = request.user.has_perm(AWARD_RIGHT)
        return form

    @admin.display(description="Scopes")
    def scopes_in_words(self, key: ServerKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description="State")
    def state(self, key: ServerKey) -> str:
        if key.revoked_at:
            return "revoked"
        if not key.is_accepted(timezone.now()):
            return "expired"
        return f"accepted until {key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else "accepted"

    # --- Creating, rotating, revoking ---------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: ServerKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            obj.token_to_show = create_key(obj, actor=request.user, at=timezone.now())

    def response_add(self, request: HttpRequest, obj: ServerKey, post_url_continue: str | None = None) -> HttpResponse:
        return self._show_secret(request, obj, obj.token_to_show)

    def rotate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        key, form = self._managed(request, pk), RotateForm(request.POST or None)
        if Scope.AWARD in key.scopes and not request.user.has_perm(AWARD_RIGHT):
            raise PermissionDenied
        if form.is_valid():
            try:
                return self._show_secret(request, *self._rotate(request, key, form.cleaned_data["hours"]))
            except KeyNotRotatable as refusal:
                form.add_error(None, str(refusal.detail))
        return self._page(request, "rotate.html", title=f"Rotate {key}", key=key, form=form)

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        key = self._managed(request, pk)
        if request.method != "POST":
            return self._page(request, "revoke.html", title=f"Revoke {key}", key=key)
        with transaction.atomic():
            if revoke_key(key, actor=request.user, at=timezone.now()):
                self.log_change(request, key, "Revoked.")
        messages.success(request, f"Revoked: {key}. It and the tokens that it has issued are refused from now on.")
        return redirect("admin:machines_serverkey_changelist")

    @transaction.atomic
    def _rotate(self, request: HttpRequest, key: ServerKey, hours: int) -> tuple[ServerKey, KeyToken]:
        at = timezone.now()
        new, token = rotate_key(key, actor=request.user, until=at + timedelta(hours=hours), at=at)
        self.log_change(request, key, f"Rotated: {new.prefix} replaces it.")
        self.log_addition(request, new, f"Replaces {key.prefix}.")
        return new, token

    def _managed(self, request: HttpRequest, pk: int) -> ServerKey:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(ServerKey, pk=pk)

    def _show_secret(self, request: HttpRequest, key: ServerKey, token: KeyToken) -> HttpResponse:
        return self._page(request, "secret.html", title=f"The new key: {key}", key=key, secret=token.text)

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        context |= {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"admin/machines/serverkey/{template}", context)
