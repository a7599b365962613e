"""Streaks for staff: days, freezes and changes of time zone to look at, and amnesties to grant."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils import timezone

from catalogues.searching import RowsOfLearnersMixin
from gamification.models import ActivityDay, Amnesty, DayRepair, FreezeEvent, TimeZoneChange
from gamification.staff.amnesties import check_span, grant_amnesty

from .read_only import ReadOnlyAdmin


class RowsOfLearnersAdmin(RowsOfLearnersMixin, ReadOnlyAdmin):
    list_select_related = ["learner"]


@admin.register(ActivityDay)
class ActivityDayAdmin(RowsOfLearnersAdmin):
    list_display = ["learner", "date", "kind", "completed", "recorded_at"]
    list_filter = ["kind"]


@admin.register(FreezeEvent)
class FreezeEventAdmin(RowsOfLearnersAdmin):
    list_display = ["learner", "kind", "delta", "date", "created_at"]
    list_filter = ["kind"]


@admin.register(TimeZoneChange)
class TimeZoneChangeAdmin(RowsOfLearnersAdmin):
    list_display = ["learner", "before", "time_zone", "effective_from"]


@admin.register(DayRepair)
class DayRepairAdmin(RowsOfLearnersAdmin):
    list_display = ["learner", "date", "kind", "reason", "actor", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["learner", "actor"]


class AmnestyForm(forms.ModelForm):
    class Meta:
        model = Amnesty
        fields = ["starts_at", "ends_at", "reason"]
        help_texts = {
            "starts_at": "UTC. Every local date that overlaps the span is pardoned: missing it breaks no streak.",
            "ends_at": "UTC.",
            "reason": "What learners may read.",
        }

    def clean(self) -> dict[str, Any]:
        span = [self.cleaned_data.get(name) for name in ("starts_at", "ends_at")]
        if all(span):
            check_span(*span)
        return super().clean()


@admin.register(Amnesty)
class AmnestyAdmin(admin.ModelAdmin):
    """An amnesty cannot be changed once granted, since learners' days already show it."""

    form = AmnestyForm
    list_display = ["number", "starts_at", "ends_at", "reason", "created_by", "created_at"]
    list_select_related = ["created_by"]

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def save_model(self, request, obj, form, change) -> None:
        granted = grant_amnesty(**form.cleaned_data, actor=request.user, at=timezone.now())
        obj.pk, obj.number = granted.pk, granted.number
