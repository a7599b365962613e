from catalogues.editing import NormalSearchAdmin


class ReadOnlyAdmin(NormalSearchAdmin):
    """Rows that are shown, never edited."""

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
