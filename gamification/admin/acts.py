from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import render
from rest_framework.exceptions import APIException

from .read_only import ReadOnlyAdmin


class ActsAdmin(ReadOnlyAdmin):
    """Read-only rows. What staff may do with them are acts: each has its own page and is logged by the admin."""

    # Columns and fields that link to an act; hidden from people without the permission.
    act_links = ()

    def get_list_display(self, request):
        return self._without_acts(request, super().get_list_display(request))

    def get_fields(self, request, obj=None):
        return self._without_acts(request, super().get_fields(request, obj))

    def act_page(self, view):
        """The view of an act, for whoever may adjust XP."""

        def permitted(request, *args, **kwargs):
            if not request.user.has_perm("gamification.award_xp"):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return self.admin_site.admin_view(permitted)

    def show_act(self, request, template, **context):
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return render(request, f"admin/gamification/{template}", context)

    def do(self, request, row, form, act) -> bool:
        """Run `act`, which returns a message, and log it in the same transaction; False if it was refused."""
        try:
            with transaction.atomic():
                message = act()
                self.log_change(request, row, message)
        except APIException as refusal:
            form.add_error(None, str(refusal.detail))
            return False
        messages.success(request, message)
        return True

    def _without_acts(self, request, names):
        if request.user.has_perm("gamification.award_xp"):
            return names
        return [name for name in names if name not in self.act_links]
