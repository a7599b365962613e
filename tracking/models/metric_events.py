"""The model of events of metrics."""

from datetime import datetime

from django.conf import settings
from django.db import models

from gamification.models import Metric, trust_field


class MetricEvent(models.Model):
    """The unchangeable fact that a metric that staff made grew for a learner, with the answer that was given.

    Its event ids are apart from those of completions.
    """

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="metric_events", db_index=False)
    # No index: a metric with events is never deleted, and lists of events are by learner.
    metric = models.ForeignKey(Metric, models.PROTECT, to_field="metric_id", related_name="events", db_index=False)
    client_event_id = models.UUIDField(null=True, help_text="Null once the learner is erased.")
    value = models.PositiveIntegerField()
    counted = models.PositiveIntegerField(
        help_text="How much of it counts: what is above the limit of a date does not."
    )
    source = models.CharField(max_length=10)
    trust = trust_field("How far it can be relied on: by who reported it, and how soon.")
    server_key = models.CharField(
        max_length=20, blank=True, default="", db_default="", help_text="The prefix of the key that reported it."
    )
    occurred_at = models.DateTimeField(help_text="When it happened on the client.")
    counts_at = models.DateTimeField(
        null=True, help_text="When it counts, where it happened before the account existed: when that was made."
    )
    created_at = models.DateTimeField(help_text="When the server learned of it.")
    answer = models.JSONField(
        default=dict, help_text="The answer that the client was given; a retry is given it again."
    )

    # What paying it decides; written together.
    DECISION = ("answer", "counted")

    class Meta:
        constraints = [
            # A retry is decided here, not by a look beforehand.
            models.UniqueConstraint(fields=["learner", "client_event_id"], name="metric_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id}: {self.value}"

    @property
    def effective_at(self) -> datetime:
        """The moment as of which it counts and pays."""
        return self.counts_at or self.occurred_at
