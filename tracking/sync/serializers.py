"""Each event is validated by itself, so that an invalid one does not reject the others."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from levels.models import MAX_QUESTIONS
from tracking.plays.offline import LateAnswer
from tracking.plays.serializers import AnswerField
from tracking.recording.clocks import clock_shift
from tracking.recording.completions import Claim
from tracking.recording.fields import LevelReferenceField, MomentField, SentAtField
from tracking.recording.metadata import ValueWarning, repair_metadata
from tracking.recording.metrics import candidates
from tracking.recording.serializers import (
    CLOCK_SHIFTED_BY,
    MAX_TIME_SPENT,
    CompleteLevelSerializer,
    EndSessionSerializer,
    HeldOrPaidSerializer,
    claim_of,
)

from .events import AnyEvent, Event, SessionData, Status

MAX_EVENTS = 500
TAKEN, REJECTED = [Status.CREATED, Status.REPLAYED, Status.HELD], [Status.REJECTED]
LEVEL_COMPLETION, SESSION, PLAY = ["level_completion"], ["session"], ["play"]  # types, by which the schema names them
NO_OBJECT = later("An event is an object with a type.")
EITHER = {"session_id": [later("Send either session_id or level_id.")]}
OFFLINE = later("Required where the session took place offline.")
INFORMATIVE = {"level_type", "difficulty"}  # the catalogue's decide
TOO_LATE = {"start_time": [later("There is no time as late as this session's end.")]}


class LevelCompletionEventSerializer(CompleteLevelSerializer):
    """What `levels/complete` takes."""

    type = serializers.ChoiceField(LEVEL_COMPLETION)
    client_event_id = serializers.UUIDField(help_text="Made by the client, one an event; the same on each retry.")
    sent_at = None  # the batch has it

    def read(self, body: dict) -> Event:
        return Event(claim_of(self.run_validation(body)))


class SessionEventSerializer(EndSessionSerializer):
    """The end of a session that the server started (`session_id`), or one that took place offline (`level_id`)."""

    type = serializers.ChoiceField(SESSION)
    client_event_id = serializers.UUIDField(help_text="Made by the client, one an event; the same on each retry.")
    session_id = serializers.IntegerField(min_value=1, required=False, help_text="It ends `time_spent` after it began.")
    level_id = LevelReferenceField(required=False, help_text="Where the session began offline; a name is taken too.")
    start_time = MomentField(required=False, help_text=f"{OFFLINE} Not needed for a session that the server started.")
    time_spent = serializers.IntegerField(
        min_value=0,
        max_value=MAX_TIME_SPENT,
        required=False,
        allow_null=True,
        help_text=f"Whole seconds. {OFFLINE} Without it, a session that the server started ends now.",
    )

    def validate(self, attrs: dict) -> dict:
        if ("session_id" in attrs) == ("level_id" in attrs):
            raise ValidationError(EITHER)
        if "level_id" in attrs:
            missing = [name for name in ("start_time", "time_spent") if attrs.get(name) is None]
            if missing:
                raise ValidationError({name: [OFFLINE] for name in missing})
            attrs["ended_at"] = _ended_at(attrs)
        return attrs

    def read(self, body: dict) -> Event:
        data = self.run_validation(body)
        claim = Claim(
            level=data.get("level_id", ""),
            score=data["score"] or 0,
            time_spent=data.get("time_spent"),
            metadata=data["metadata"],
            client_event_id=data["client_event_id"],
            occurred_at=data.get("ended_at"),
        )
        return Event(claim, SessionData(data.get("session_id"), data.get("start_time"), data["score"]))


class LateAnswerSerializer(serializers.Serializer):
    question_id = serializers.CharField(max_length=100)
    answer = AnswerField()
    answered_at = MomentField()


class PlayEventSerializer(serializers.Serializer):
    """The end of a play that was started online, with the answers that were given offline."""

    type = serializers.ChoiceField(PLAY)
    client_event_id = serializers.UUIDField(help_text="Made by the client, one an event; the same on each retry.")
    session_id = serializers.IntegerField(min_value=1, help_text="Of the play, which began at most 30 days ago.")
    answers = serializers.ListField(
        child=LateAnswerSerializer(),
        max_length=MAX_QUESTIONS,
        help_text="Questions that were answered online keep their answers; those without any answer are wrong.",
    )

    def read(self, body: dict) -> Event:
        data = self.run_validation(body)
        claim = Claim(level="", score=0, client_event_id=data["client_event_id"])
        answers = tuple(LateAnswer(**answer) for answer in data["answers"])
        return Event(claim, SessionData(data["session_id"]), answers=answers)


def _ended_at(attrs: dict) -> datetime:
    try:
        return attrs["start_time"] + timedelta(seconds=attrs["time_spent"])
    except OverflowError:
        raise ValidationError(TOO_LATE) from None


# Made once: a serializer makes its fields anew for each instance, which takes longer than reading an event.
READERS = {
    "level_completion": LevelCompletionEventSerializer(),
    "session": SessionEventSerializer(),
    "play": PlayEventSerializer(),
}


def read_event(event: Any, user: Any, readers: Mapping[str, serializers.Serializer] = READERS) -> AnyEvent:
    """Validated like the body of a single call, except that wrong values besides the result are cut or left out.

    Raise ValidationError.
    """
    if not isinstance(event, dict):
        raise ValidationError(NO_OBJECT)
    reader = readers.get(event.get("type")) if isinstance(event.get("type"), str) else None
    if reader is None:
        raise ValidationError({"type": [_("Must be one of %(readers)s.") % {"readers": ", ".join(readers)}]})
    body, warnings = _repair(event, reader)
    check_body = import_string(settings.API_BODY_CHECK)
    event = reader.read(check_body(body, type(reader), user))
    return replace(event, warnings=tuple(warnings)) if warnings else event


def _repair(event: dict, reader: serializers.Serializer) -> tuple[dict, list[ValueWarning]]:
    """The event without wrong values that decide nothing about its result, and what was cut or left out."""
    body, warnings = dict(event), []
    if isinstance(body.get("metadata"), dict):
        kept, warnings = repair_metadata(body["metadata"])
        body["metadata"] = kept | candidates(body["metadata"])
    for name in sorted(INFORMATIVE & body.keys() & reader.fields.keys()):
        try:
            reader.fields[name].run_validation(body[name])
        except ValidationError as error:
            del body[name]
            warnings.append(ValueWarning(name, _("%(detail)s It was left out.") % {"detail": error.detail[0]}))
    return body, warnings


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="Event",
        serializers={kind: type(reader) for kind, reader in READERS.items()},
        resource_type_field_name="type",
    )
)
class EventField(serializers.Field):
    """Accepts any value: errors of an event belong in its own result, not in the answer to the whole batch."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, **options)

    def to_internal_value(self, data: Any) -> Any:
        return data


class SyncSerializer(serializers.Serializer):
    events = serializers.ListField(
        child=EventField(),
        max_length=MAX_EVENTS,
        error_messages={"max_length": later("At most {max_length} events at once.")},
        help_text=f"At most {MAX_EVENTS}.",
    )
    sent_at = SentAtField()

    def clock_shift(self, at: datetime) -> timedelta:
        return clock_shift(self.validated_data.get("sent_at"), at)


class WarningSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="For example `metadata.language`.")
    detail = serializers.CharField()


@extend_schema_serializer(extensions={"x-not-always-sent": ["right", "asked", "skills_to_practise"]})
class TakenEventSerializer(HeldOrPaidSerializer):
    """An event that was taken, now or earlier: what it earned then."""

    client_event_id = serializers.CharField()
    status = serializers.ChoiceField(TAKEN)
    warnings = WarningSerializer(many=True, help_text="Values beside the result that were cut or left out.")
    right = serializers.IntegerField(required=False, help_text="Only of a play.")
    asked = serializers.IntegerField(required=False, help_text="Only of a play.")
    skills_to_practise = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Only of a play; empty where it passed."
    )


@extend_schema_field({"$ref": "#/components/schemas/Problem"})
class ProblemField(serializers.DictField):
    pass


class RejectedEventSerializer(serializers.Serializer):
    """An event that was refused, and why."""

    client_event_id = serializers.CharField(
        allow_null=True, help_text="As it was sent; null where it was no text, or one of more than 100 characters."
    )
    status = serializers.ChoiceField(REJECTED)
    problem = ProblemField()


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="SyncResult",
        serializers=[TakenEventSerializer, RejectedEventSerializer],
        resource_type_field_name=None,
    )
)
class ResultField(serializers.DictField):
    pass


class SyncAnswerSerializer(serializers.Serializer):
    results = serializers.ListField(child=ResultField(), help_text="One for each event, in the order sent.")
    server_time = serializers.DateTimeField()
    clock_shifted_by = serializers.IntegerField(help_text=CLOCK_SHIFTED_BY)
