from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from rest_framework.exceptions import APIException

from .read_only import ReadOnlyAdmin

ADJUST_XP = "gamification.award_xp"


class StaffActionsAdmin(ReadOnlyAdmin):
    """Rows that staff cannot edit, with actions: each has a page of its own, and the admin logs what it did."""

    def action_page(self, view, permission: str = ADJUST_XP) -> Callable[..., HttpResponse]:
        """Wrap the view of an action: it requires `permission`."""

        def permitted(request, *args, **kwargs) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return self.admin_site.admin_view(permitted)

    def show_action(self, request, template, **context) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return render(request, f"admin/gamification/{template}", context)

    def run_action(self, request, row, form, action) -> bool:
        """Run `action`, which returns a message, and log that in the same transaction; False if it was refused."""
        try:
            with transaction.atomic():
                message = action()
                self.log_change(request, row, message)
        except APIException as refusal:
            form.add_error(None, str(refusal.detail))
            return False
        messages.success(request, message)
        return True
