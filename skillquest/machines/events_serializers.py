"""The events of a batch of many learners: those of `sync` and more, each with its learner."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from gamification.models import MAX_METRIC_ID, MAX_VALUE
from skillquest.accounts.display_names import refuse_unreadable
from skillquest.accounts.serializers import DisplayNameField, known_time_zone
from tracking.metrics.events import MetricClaim
from tracking.recording.fields import MomentField
from tracking.recording.reading import ReadOftenSerializer
from tracking.sync.events import CheckInEvent
from tracking.sync.serializers import (
    EventField,
    LevelCompletionEventSerializer,
    RejectedEventSerializer,
    SessionEventSerializer,
    SyncAnswerSerializer,
    SyncSerializer,
    TakenEventSerializer,
)

from .learners import NewLearner
from .learners_serializers import ExternalIdField

MAX_EVENTS = 1_000
EVENT_ID_HELP = "Made by the server that sends it, one an event; the same on each retry."


class EventLearnerSerializer(ReadOftenSerializer):
    """The other values are those of a new account; an account that exists keeps its own."""

    external_id = ExternalIdField()
    time_zone = serializers.CharField(validators=[known_time_zone], required=False, help_text="An IANA time zone.")
    display_name = DisplayNameField(
        max_length=80, allow_blank=True, required=False, validators=[refuse_unreadable], help_text="What others see."
    )

    def read(self, body: dict) -> NewLearner:
        return NewLearner(**self.run_validation(body))


class CheckInEventSerializer(ReadOftenSerializer):
    """Activity without a result: it keeps the streak of its day."""

    type = serializers.ChoiceField(["check_in"])
    client_event_id = serializers.UUIDField(help_text=EVENT_ID_HELP)
    occurred_at = MomentField(required=False, help_text="When it happened; without it, just now.")

    def read(self, body: dict) -> CheckInEvent:
        data = self.run_validation(body)
        return CheckInEvent(data["client_event_id"], data.get("occurred_at"))


class MetricEventSerializer(ReadOftenSerializer):
    """What `metrics/{metric_id}/events` takes."""

    type = serializers.ChoiceField(["metric"])
    client_event_id = serializers.UUIDField(help_text=EVENT_ID_HELP)
    metric_id = serializers.CharField(max_length=MAX_METRIC_ID, help_text="A metric that staff made.")
    value = serializers.IntegerField(min_value=1, max_value=MAX_VALUE, help_text="By how much it grows.")
    occurred_at = MomentField(required=False, help_text="When it happened; without it, just now.")

    def read(self, body: dict) -> MetricClaim:
        data = self.run_validation(body)
        return MetricClaim(data["metric_id"], data["value"], data["client_event_id"], data.get("occurred_at"))


LEARNER = EventLearnerSerializer()
# Made once: a serializer makes its fields anew for each instance.
READERS: dict[str, serializers.Serializer] = {
    "level_completion": LevelCompletionEventSerializer(),
    "session": SessionEventSerializer(),
    "check_in": CheckInEventSerializer(),
    "metric": MetricEventSerializer(),
}


def _with_learner(reader: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """For the API's documents: the fields of an event, and its learner."""
    name = reader.__name__.replace("EventSerializer", "OfLearnerSerializer")
    return type(name, (reader,), {"learner": EventLearnerSerializer(), "__doc__": reader.__doc__})


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="EventOfLearner",
        serializers={kind: _with_learner(type(reader)) for kind, reader in READERS.items()},
        resource_type_field_name="type",
    )
)
class EventOfLearnerField(EventField):
    pass


class EventsSerializer(SyncSerializer):
    events = serializers.ListField(
        child=EventOfLearnerField(),
        max_length=MAX_EVENTS,
        error_messages={"max_length": _("At most {max_length} events at once.")},
        help_text=f"At most {MAX_EVENTS}, of any number of learners.",
    )
    create_learners = serializers.BooleanField(
        default=False,
        help_text="Create the learners who do not exist yet, which takes the scope `learners` too; otherwise their "
        "events are rejected.",
    )


def without_learner(event: Any) -> tuple[Any, Any]:
    """(the event as `sync` takes it, its learner or None)"""
    if not isinstance(event, dict):
        return event, None
    return {name: value for name, value in event.items() if name != "learner"}, event.get("learner")


class MetricCountSerializer(serializers.Serializer):
    metric_id = serializers.CharField()
    value = serializers.IntegerField()
    counted = serializers.IntegerField(help_text="How much of the value counts.")
    total = serializers.IntegerField(help_text="The learner's total of the metric, afterwards.")


COUNTED = list(MetricCountSerializer().fields)


class TakenEventOfLearnerSerializer(TakenEventSerializer):
    """An event that was taken, now or earlier: what it earned then."""

    metric = MetricCountSerializer(allow_null=True, help_text="Of an event of a metric: what it counted.")


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="EventOfLearnerResult",
        serializers=[TakenEventOfLearnerSerializer, RejectedEventSerializer],
        resource_type_field_name=None,
    )
)
class ResultField(serializers.DictField):
    pass


class EventsAnswerSerializer(SyncAnswerSerializer):
    results = serializers.ListField(child=ResultField(), help_text="One for each event, in the order sent.")
