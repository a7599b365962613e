from django.contrib import admin

from change_history.admin import HistoryAdmin
from gamification.models import BoardPolicy


@admin.register(BoardPolicy)
class BoardPolicyAdmin(HistoryAdmin):
    """Which results the boards count. There is one policy for each board; staff change them."""

    list_display = ["metric", "trust"]
    fields = ["metric", "trust"]
    readonly_fields = ["metric"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
