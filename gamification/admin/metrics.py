"""Metrics: staff make them and change their numbers; those that are built in can only be looked at."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from approvals.editing import SecondPersonAdmin, waiting
from approvals.models import ApprovalRequest
from change_history.admin import HistoryAdmin
from gamification.metrics import delete_metric, deletion_refusal, note_saved, users_of
from gamification.models import Metric
from gamification.staff.metric_approvals import needs_approval, request_edit


@admin.register(Metric)
class MetricAdmin(SecondPersonAdmin, HistoryAdmin):
    list_display = ["metric_id", "name", "unit", "reported_by", "xp_per_unit", "published", "is_custom"]
    list_filter = ["built_in", "published", "reported_by"]
    search_fields = ["metric_id", "name"]
    fields = [
        "metric_id",
        "name",
        "unit",
        "reported_by",
        "per_event_max",
        "per_day_max",
        "xp_per_unit",
        "counts_as_activity",
        "published",
        "needed_by",
    ]
    readonly_fields = ["needed_by"]
    # Deleting many at once would not say of each what needs it.
    actions = None

    @admin.display(description="Made by staff", boolean=True, ordering="built_in")
    def is_custom(self, metric: Metric) -> bool:
        return not metric.built_in

    @admin.display(description="Needed by")
    def needed_by(self, metric: Metric) -> str:
        return ", ".join(str(owner) for owner in users_of(metric)) if metric.pk else ""

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        """Conditions, clients and totals know a metric by its id."""
        return [*self.readonly_fields, "metric_id"] if obj else list(self.readonly_fields)

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.built_in)

    def save_model(self, request, obj, form, change) -> None:
        super().save_model(request, obj, form, change)
        if waiting(obj) is None:
            note_saved([obj])

    def request_change(self, request, obj, form, change) -> ApprovalRequest | None:
        before = Metric.objects.select_for_update(no_key=True).get(pk=obj.pk) if change else None
        if not needs_approval(before, obj):
            return None
        fields = {name: getattr(obj, name) for name in form.changed_data}
        return request_edit(before=before, after=obj, fields=fields, actor=request.user, at=timezone.now())

    def delete_view(self, request, object_id, extra_context=None) -> HttpResponse:
        metric = self.get_object(request, object_id)
        if metric and self.has_delete_permission(request, metric) and (refusal := deletion_refusal(metric)):
            self.message_user(request, refusal, messages.ERROR)
            return redirect("admin:gamification_metric_change", object_id)
        return super().delete_view(request, object_id, extra_context)

    def delete_model(self, request, obj) -> None:
        try:
            delete_metric(obj)
        except ValidationError as error:
            self.message_user(request, error.messages[0], messages.ERROR)
