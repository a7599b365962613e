from typing import Any

from rest_framework import serializers

from catalogues.serializers import TranslatedSerializer
from levels.api.serializers import DifficultyField, TextsField
from levels.models import LEVEL_ID_VALIDATORS, MAX_XP, Level
from levels.validators import validate_not_all_digits


class ChallengeSerializer(TranslatedSerializer[Level]):
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

    def to_representation(self, row: Level) -> dict[str, Any]:
        data = super().to_representation(row)
        return data if self.context.get("for_editors") else {**data, "title": row.shown.name}


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
