from rest_framework import serializers

from levels.models import MAX_SCORE
from tracking.recording.fields import LevelReferenceField, MetadataField
from tracking.recording.metadata import clean_metadata
from tracking.recording.serializers import HeldOrPaidSerializer

from .services import STATUSES


class StartAttemptSerializer(serializers.Serializer):
    challenge_id = LevelReferenceField(help_text="The challenge's `id` or `level_id`.")


class SubmitAttemptSerializer(serializers.Serializer):
    score = serializers.IntegerField(min_value=0, max_value=MAX_SCORE, help_text="0 to 100: the challenge's maximum.")
    metadata = MetadataField(required=False, default=dict)

    def validate_metadata(self, values: dict) -> dict:
        return clean_metadata(values)


class AttemptSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    challenge_id = serializers.IntegerField(help_text="The challenge's `id`.")
    status = serializers.ChoiceField(STATUSES)
    score = serializers.IntegerField(allow_null=True)
    xp_awarded = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)


class StartedAttemptSerializer(AttemptSerializer):
    server_time = serializers.DateTimeField()


class SubmittedAttemptSerializer(StartedAttemptSerializer, HeldOrPaidSerializer):
    total_xp = serializers.IntegerField(help_text="The same as `new_total_xp`.")
