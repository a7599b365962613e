from rest_framework import serializers

from levels.api.serializers import DifficultyField, TextsField
from levels.models import LEVEL_ID_VALIDATORS, MAX_XP, Level
from levels.validators import validate_not_all_digits


class ChallengeSerializer(serializers.ModelSerializer[Level]):
    title = serializers.CharField(source="name")
    xp = serializers.IntegerField(source="xp_reward", help_text="For a full score; a part of it for a part.")
    tags = TextsField()

    class Meta:
        model = Level
        fields = [
            "id",
            "level_id",
            "title",
            "description",
            "xp",
            "difficulty",
            "tags",
            "published",
            "created_by",
            "created_at",
        ]


class SaveChallengeSerializer(serializers.ModelSerializer[Level]):
    title = serializers.CharField(source="name", max_length=200, validators=[validate_not_all_digits])
    xp = serializers.IntegerField(source="xp_reward", min_value=0, max_value=MAX_XP, required=False)
    difficulty = DifficultyField(required=False)
    tags = TextsField(required=False)

    class Meta:
        model = Level
        fields = ["level_id", "title", "description", "xp", "difficulty", "tags", "published"]
        # Without DRF's queries: the service and the database decide whether a value is unique.
        extra_kwargs = {
            "level_id": {
                "validators": LEVEL_ID_VALIDATORS,
                "required": False,
                "help_text": "The slug of the title, if it is left out. It never changes.",
            }
        }
