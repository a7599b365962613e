"""Field types whose meaning the wire contract fixes."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

# By the kinds of settings.COMPLETION_METADATA; tracking.recording.metadata checks the same bounds.
KIND_SCHEMAS = {
    "whole_number": lambda most: {"type": "integer", "minimum": 0, "maximum": most},
    "language_tag": lambda most: {"type": "string", "maxLength": most, "description": "BCP 47", "example": "id-ID"},
    "text": lambda most: {"type": "string", "maxLength": most},
}
METADATA_SCHEMA = {
    "type": "object",
    "description": "What is known about a completion beside score and time. A whole number under the id of a "
    "metric counts towards it, as far as the metric allows. Other keys are dropped.",
    "properties": {key: KIND_SCHEMAS[kind](most) for key, (kind, most) in settings.COMPLETION_METADATA.items()},
}


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}], "example": "level-1"})
class LevelReferenceField(serializers.Field):
    """A level by `level_id` (text), or by `number` as an integer or as digits."""

    json_types = (str, int)
    default_error_messages = {
        "invalid": _("Must be a level_id or a level number."),
        "too_long": _("At most 100 characters."),
    }

    def to_internal_value(self, data: Any) -> int | str:
        if type(data) not in self.json_types or data == "":
            self.fail("invalid")
        if isinstance(data, str) and len(data) > 100:
            self.fail("too_long")
        return data

    def to_representation(self, value: int | str) -> int | str:
        return value


@extend_schema_field({"$ref": "#/components/schemas/CompletionMetadata"})
class MetadataField(serializers.DictField):
    """Has the keys of settings.COMPLETION_METADATA; the schema lists them with their types and bounds."""


class MomentField(serializers.DateTimeField):
    """RFC 3339 with an offset; a time without one means another moment in each country."""

    default_error_messages = {"no_offset": _("Must carry an offset, for example 2026-11-20T08:00:00Z.")}

    def to_internal_value(self, value: Any) -> datetime:
        try:
            moment = super().to_internal_value(value)
        except OverflowError:
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        if not value.upper().endswith("Z") and "+" not in value[10:] and "-" not in value[10:]:
            self.fail("no_offset")
        return moment


class SentAtField(MomentField):
    """The client's clock when it sends a request; see clocks.py."""

    def __init__(self, **options: Any) -> None:
        help_text = (
            "The client's clock at the moment of sending. Where it differs from the server's by more than 2 minutes, "
            "the times in the request are shifted by the difference."
        )
        super().__init__(**{"required": False, "allow_null": True, "help_text": help_text, **options})
