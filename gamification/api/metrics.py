"""GET metrics/me."""

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apidocs.operations import answer_example, documented
from gamification.earnables.unlocking import values_of
from gamification.models import Metric
from gamification.profiles.standing import profile_of
from gamification.rule_sets.publishing import published_rules


class MyMetricSerializer(serializers.ModelSerializer):
    """What is reported of it is said by `reported_by` (null: the server counts it) and its limits."""

    reported_by = serializers.ChoiceField(Metric.ReportedBy.choices, allow_null=True)
    total = serializers.IntegerField(help_text="Mine.")

    class Meta:
        model = Metric
        fields = [
            "metric_id",
            "name",
            "unit",
            "total",
            "reported_by",
            "per_event_max",
            "per_day_max",
            "xp_per_unit",
            "counts_as_activity",
        ]
        read_only_fields = fields


class MyMetricsSerializer(serializers.Serializer):
    metrics = MyMetricSerializer(many=True)


EXAMPLE = {
    "metric_id": "pages_read",
    "name": "Pages read",
    "unit": "pages",
    "total": 96,
    "reported_by": "learner",
    "per_event_max": 100,
    "per_day_max": None,
    "xp_per_unit": "1/4",
    "counts_as_activity": False,
}


class MyMetricsView(GenericAPIView):
    serializer_class = MyMetricsSerializer
    key_scopes = {"GET": "read"}

    @documented(
        "Metrics",
        "listMyMetrics",
        "List every metric, with my total",
        "Those that staff made, then those that are built in, each by its id.",
        examples=[answer_example({"metrics": [EXAMPLE]})],
    )
    def get(self, request: Request) -> Response:
        values = values_of(profile_of(request.user), published_rules(), timezone.now())
        metrics = list(Metric.objects.published())
        for metric in metrics:
            metric.total = values.get(metric.metric_id, 0)
            metric.reported_by = metric.reported_by or None
            if metric.built_in:
                metric.name, metric.unit = _(metric.name), metric.unit and _(metric.unit)
        return Response(self.get_serializer({"metrics": metrics}).data)


urlpatterns = [path("metrics/me", MyMetricsView.as_view(), name="my-metrics")]
