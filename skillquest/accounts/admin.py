from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils import timezone

from .models import User
from .security_log import note
from .sessions import end_sessions


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People are deactivated, never deleted: their ledger lines stay."""

    list_display = ("username", "email", "display_name", "is_active", "is_staff", "last_login")
    search_fields = ("username", "email", "display_name")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("display_name", "email", "language")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "email", "usable_password", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        # Whoever sets a colleague's password has the colleague's rights.
        is_colleague = obj is not None and (obj.is_staff or obj.is_superuser) and obj != request.user
        return (request.user.is_superuser or not is_colleague) and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request, obj=None):
        own = super().get_readonly_fields(request, obj)
        # Nobody hands out rights that they do not have.
        return own if request.user.is_superuser else (*own, "is_staff", "is_superuser", "groups", "user_permissions")

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data and not obj.is_active:
            end_sessions(user=obj, at=timezone.now())
            note("deactivated", user_id=obj.pk)
