from typing import Any

from rest_framework import serializers

from catalogues.serializers import ONLY_FOR_EDITORS, TranslatedSerializer, TranslationsField
from levels.choices import DIFFICULTY_NAMES, canonical_difficulty
from levels.models import LEVEL_ID_VALIDATORS, METADATA_TEXTS, Level
from levels.validators import MAX_ITEM_LENGTH, MAX_LIST_ITEMS, validate_metadata, validate_not_all_digits

LEVEL_FIELDS = [
    "level_id",
    "number",
    "name",
    "description",
    "category",
    "unit",
    "position",
    "kind",
    "icon",
    "estimated_time",
    "expected_time_seconds",
    "xp_reward",
    "xp_rule",
    "repeat_policy",
    "difficulty",
    "max_score",
    "pass_score",
    "questions_per_play",
    "pass_percent",
    "verified_only",
    "skills",
    "tags",
    "prerequisites",
    "unlocked",
    "coming_soon",
    "published",
    "metadata",
    "language",
    "translations",
]


class TextsField(serializers.ListField):
    child = serializers.CharField(max_length=MAX_ITEM_LENGTH)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MAX_LIST_ITEMS, **options})


class DifficultyField(serializers.ChoiceField):
    """Accepts the aliases too; its value is the difficulty that the catalogue stores."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=DIFFICULTY_NAMES, **options)

    def to_internal_value(self, data: Any) -> str:
        return canonical_difficulty(super().to_internal_value(data))


class LevelCardSerializer(serializers.ModelSerializer[Level]):
    """A level as it appears inside other answers."""

    name = serializers.CharField(source="shown.name", max_length=200)
    estimated_time = serializers.CharField(source="shown.estimated_time", max_length=50)
    skills = TextsField(source="shown.skills")

    class Meta:
        model = Level
        fields = [
            "level_id",
            "number",
            "name",
            "xp_reward",
            "icon",
            "category",
            "estimated_time",
            "skills",
            "unlocked",
            "coming_soon",
        ]


@ONLY_FOR_EDITORS
class LevelSerializer(TranslatedSerializer[Level]):
    """A level, in the language of the request; only editors get `language` and `translations`."""

    skills = TextsField()
    tags = TextsField()
    prerequisites: serializers.SlugRelatedField[Level] = serializers.SlugRelatedField(
        slug_field="level_id", many=True, read_only=True
    )
    metadata = serializers.DictField()
    translations = TranslationsField()
    question_count = serializers.IntegerField(
        read_only=True, default=0, help_text="Published ones. Without any, the server cannot judge a play."
    )

    class Meta:
        model = Level
        fields = [*LEVEL_FIELDS, "question_count", "created_by", "created_at", "updated_at"]
        extra_kwargs = {"repeat_policy": {"allow_blank": False}}  # a stored one never is

    def to_representation(self, row: Level) -> dict[str, Any]:
        data = super().to_representation(row)
        if not self.context.get("for_editors"):
            texts = {name: row.translated(name) for name in METADATA_TEXTS if name in data["metadata"]}
            data["metadata"] = data["metadata"] | texts
        return data


class SaveLevelSerializer(serializers.ModelSerializer[Level]):
    skills = TextsField(required=False)
    tags = TextsField(required=False)
    difficulty = DifficultyField(required=False)
    prerequisites = TextsField(
        required=False, child=serializers.CharField(max_length=100), help_text="level_ids; no cycles."
    )
    metadata = serializers.DictField(required=False, validators=[validate_metadata])
    translations = TranslationsField(required=False)

    class Meta:
        model = Level
        fields = LEVEL_FIELDS
        # Without DRF's queries: the service and the database decide whether a value is unique.
        extra_kwargs = {
            "level_id": {"validators": LEVEL_ID_VALIDATORS},
            "name": {"validators": [validate_not_all_digits]},
            "number": {"validators": []},
        }
