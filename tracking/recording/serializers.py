"""Requests are named by verbs, answers by nouns. No serializer here queries the database."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from gamification.api.serializers import RewardSerializer
from levels.api.serializers import LevelCardSerializer
from levels.choices import DIFFICULTY_NAMES, Kind, canonical_difficulty
from levels.models import MAX_SCORE
from tracking.models import LearningSession

from .clocks import clock_shift, shift_claim
from .completions import Claim
from .fields import LevelReferenceField, MetadataField, MomentField, SentAtField
from .metadata import clean_metadata
from .reading import ReadOftenSerializer

MAX_TIME_SPENT = 24 * 60 * 60


class StartSessionSerializer(serializers.Serializer):
    session_name = serializers.CharField(required=False, max_length=200, help_text="The level's name.")
    level_id = LevelReferenceField(required=False)

    def validate(self, attrs: dict) -> dict:
        if len(attrs) != 1:
            raise serializers.ValidationError({"level_id": [_("Send either level_id or session_name.")]})
        return attrs

    @property
    def level(self) -> int | str:
        return next(iter(self.validated_data.values()))


class EndSessionSerializer(ReadOftenSerializer):
    session_id = serializers.IntegerField(min_value=1)
    score = serializers.IntegerField(min_value=0, max_value=MAX_SCORE, required=False, allow_null=True, default=None)
    metadata = MetadataField(required=False, default=dict)

    def validate_metadata(self, values: dict) -> dict:
        return clean_metadata(values)


class CompleteLevelSerializer(ReadOftenSerializer):
    level_id = LevelReferenceField()
    score = serializers.IntegerField(min_value=0, max_value=MAX_SCORE, help_text="At most the level's max_score.")
    level_type = serializers.ChoiceField(Kind.choices, required=False, help_text="The catalogue decides.")
    time_spent = serializers.IntegerField(
        min_value=0, max_value=MAX_TIME_SPENT, required=False, allow_null=True, help_text="Whole seconds."
    )
    difficulty = serializers.ChoiceField(
        DIFFICULTY_NAMES, required=False, help_text="Recorded as claimed; the catalogue's counts."
    )
    metadata = MetadataField(required=False)
    client_event_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="Made by the client, one for each completion; the same on each retry.",
    )
    occurred_at = MomentField(
        required=False,
        allow_null=True,
        help_text="When it happened; at most 30 days back and 5 minutes ahead. Leave it out when you send it at once.",
    )

    sent_at = SentAtField()

    def validate_metadata(self, values: dict) -> dict:
        return clean_metadata(values)

    def read_claim(self, body: Any, at: datetime) -> tuple[Claim, timedelta]:
        """What the client claims, with its times shifted, and by how much they are."""
        values = self.run_validation(body)
        shift = clock_shift(values.get("sent_at"), at)
        return shift_claim(claim_of(values), shift), shift


def claim_of(data: dict) -> Claim:
    return Claim(
        level=data["level_id"],
        score=data["score"],
        time_spent=data.get("time_spent"),
        difficulty=canonical_difficulty(data.get("difficulty", "")),
        metadata=data.get("metadata", {}),
        client_event_id=data.get("client_event_id"),
        occurred_at=data.get("occurred_at"),
    )


class StartedSessionSerializer(serializers.ModelSerializer):
    session_id = serializers.IntegerField(source="pk")
    session_name = serializers.CharField(source="level.shown.name")
    level_id = serializers.CharField(source="level.level_id")

    class Meta:
        model = LearningSession
        fields = ["session_id", "session_name", "level_id", "start_time"]
        read_only_fields = fields


class StartAnswerSerializer(StartedSessionSerializer):
    is_new_session = serializers.BooleanField()
    server_time = serializers.DateTimeField()

    class Meta(StartedSessionSerializer.Meta):
        fields = [*StartedSessionSerializer.Meta.fields, "is_new_session", "server_time"]


class EndedSessionSerializer(serializers.ModelSerializer):
    session_name = serializers.CharField(source="level.shown.name")

    class Meta:
        model = LearningSession
        fields = ["session_name", "score", "start_time", "end_time"]
        read_only_fields = fields


class SessionSerializer(StartedSessionSerializer):
    awarded_xp = serializers.IntegerField(source="completion.answer.awarded_xp")

    class Meta(StartedSessionSerializer.Meta):
        fields = [*StartedSessionSerializer.Meta.fields, "end_time", "status", "score", "time_spent", "awarded_xp"]
        read_only_fields = fields


class HeldOrPaidSerializer(RewardSerializer):
    held = serializers.BooleanField(help_text="Implausible: pays nothing until staff release it.")
    held_reason = serializers.CharField(allow_null=True, help_text="Why, for the learner; null if it is not held.")


class CompletionAnswerSerializer(HeldOrPaidSerializer):
    is_new_completion = serializers.BooleanField(help_text="False when this completion was recorded before.")
    server_time = serializers.DateTimeField()


class EndAnswerSerializer(CompletionAnswerSerializer):
    session_id = serializers.IntegerField()
    time_spent = serializers.IntegerField(help_text="Whole seconds from start to end.")
    session = EndedSessionSerializer()


CLOCK_SHIFTED_BY = (
    "Seconds by which the times in the request were shifted: positive where the client's clock is behind."
)


class CompleteAnswerSerializer(CompletionAnswerSerializer):
    level = LevelCardSerializer()
    clock_shifted_by = serializers.IntegerField(help_text=CLOCK_SHIFTED_BY)
