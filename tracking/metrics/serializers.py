"""What is sent about an event of a metric, and what is answered."""

from datetime import datetime, timedelta

from rest_framework import serializers

from gamification.api.serializers import RewardSerializer
from gamification.models import MAX_VALUE
from tracking.recording.clocks import clock_shift
from tracking.recording.fields import MomentField, SentAtField
from tracking.recording.serializers import CLOCK_SHIFTED_BY

from .events import MetricClaim


class MetricEventSerializer(serializers.Serializer):
    value = serializers.IntegerField(
        min_value=1, max_value=MAX_VALUE, help_text="By how much it grows; at most the metric's `per_event_max`."
    )
    client_event_id = serializers.UUIDField(help_text="Made by the client, one an event; the same on each retry.")
    occurred_at = MomentField(
        required=False,
        allow_null=True,
        help_text="When it happened; at most 30 days back and 5 minutes ahead. Leave it out when you send it at once.",
    )
    sent_at = SentAtField()

    def clock_shift(self, at: datetime) -> timedelta:
        return clock_shift(self.validated_data.get("sent_at"), at)

    def claim(self, metric_id: str, shift: timedelta) -> MetricClaim:
        """What the client claims, with its time shifted."""
        data = self.validated_data
        claim = MetricClaim(metric_id, data["value"], data["client_event_id"], data.get("occurred_at"))
        return claim.shifted(shift)


class MetricRewardSerializer(RewardSerializer):
    """`streak` is null where the metric is no activity."""

    metric_id = serializers.CharField()
    value = serializers.IntegerField()
    counted = serializers.IntegerField(help_text="How much of it counts: what is above the metric's limit does not.")
    total = serializers.IntegerField(help_text="Mine, afterwards.")


class MetricAnswerSerializer(MetricRewardSerializer):
    is_new_event = serializers.BooleanField(help_text="False when this event was recorded before.")
    server_time = serializers.DateTimeField()
    clock_shifted_by = serializers.IntegerField(help_text=CLOCK_SHIFTED_BY)
