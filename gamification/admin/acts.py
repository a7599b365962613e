from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import render
from rest_framework.exceptions import APIException

from .read_only import ReadOnlyAdmin


class ActsAdmin(ReadOnlyAdmin):
    """Rows are looked at; what staff do to them are acts, each with a page of its own, in the log of the admin."""

    # Columns and fields that lead to an act; who may not do it does not see them.
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
        """Run `act`, which returns what to tell, and log it with it or not at all; False when it was refused."""
        try:
            with transaction.atomic():
                told = act()
                self.log_change(request, row, told)
        except APIException as refusal:
            form.add_error(None, str(refusal.detail))
            return False
        messages.success(request, told)
        return True

    def _without_acts(self, request, names):
        if request.user.has_perm("gamification.award_xp"):
            return names
        return [name for name in names if name not in self.act_links]
