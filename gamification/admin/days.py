"""Streaks for staff: days, freezes and changes of time zone to look at."""

from django.contrib import admin

from catalogues.searching import RowsOfLearnersMixin
from gamification.models import ActivityDay, DayRepair, FreezeEvent, TimeZoneChange

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
