from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.forms import ModelMultipleChoiceField

from change_history.admin import HistoryAdmin

from .rights import may_touch_group, permissions_of

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(HistoryAdmin, DjangoGroupAdmin):
    """Nobody puts a right into a group that they lack, or changes a group of people with more rights."""

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_touch_group(request.user, obj))

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or may_touch_group(request.user, obj))

    def formfield_for_manytomany(self, db_field, request=None, **options) -> ModelMultipleChoiceField:
        field = super().formfield_for_manytomany(db_field, request, **options)
        if not request.user.is_superuser:
            field.queryset = field.queryset.filter(pk__in=permissions_of(request.user).values("pk"))
        return field
