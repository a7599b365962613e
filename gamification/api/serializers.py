from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from gamification.models import Achievement, LedgerEntry, Trust
from gamification.pricing.factors import FACTORS
from gamification.streaks.runs import Action


@extend_schema_field(
    {
        "type": "object",
        "description": "How the number came about; the reason of the entry decides what there is.",
        "properties": {
            "breakdown": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/XpFactor"},
                "description": "Adds up to `delta`.",
            },
            "streak": {"type": "integer", "description": "Of a streak bonus: the day of the streak."},
            "reviews": {
                "type": "integer",
                "description": "Of a streak bonus that practice earned: how many questions made the day.",
            },
        },
    }
)
class EntryMetadataField(serializers.DictField):
    pass


class LedgerEntrySerializer(serializers.ModelSerializer):
    metadata = EntryMetadataField()

    class Meta:
        model = LedgerEntry
        fields = [
            "id",
            "sequence",
            "delta",
            "reason",
            "reference_id",
            "balance_after",
            "trust",
            "metadata",
            "created_at",
        ]
        read_only_fields = fields


class PlayerLevelSerializer(serializers.Serializer):
    total_xp = serializers.IntegerField()
    current_level = serializers.IntegerField(source="level")
    xp_to_next_level = serializers.IntegerField(help_text="XP still missing; 0 at the highest level.")
    level_progress_percentage = serializers.IntegerField(source="progress_percentage")
    title = serializers.CharField()
    next_level_at = serializers.IntegerField(allow_null=True, help_text="Total XP at which the next level begins.")


class XpFactorSerializer(serializers.Serializer):
    factor = serializers.ChoiceField(FACTORS)
    value = serializers.IntegerField()


class EntrySerializer(serializers.ModelSerializer):
    class Meta:
        model = LedgerEntry
        fields = ["reason", "delta", "balance_after"]
        read_only_fields = fields


class StreakSerializer(serializers.Serializer):
    action = serializers.ChoiceField([action.value for action in Action])
    current_streak = serializers.IntegerField()
    longest_streak = serializers.IntegerField()
    freezes_available = serializers.IntegerField()


class UnlockedAchievementSerializer(serializers.Serializer):
    achievement_id = serializers.CharField()
    name = serializers.CharField(source="shown.name")
    icon = serializers.CharField()
    rarity = serializers.ChoiceField(Achievement.Rarity.choices)
    xp_reward = serializers.IntegerField()


class UnlockedBadgeSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField(source="shown.name")
    icon_url = serializers.CharField()


class EmptySerializer(serializers.Serializer):
    """No fields."""


class RewardSerializer(serializers.Serializer):
    """The block that every awarding answer carries. `streak` is null while the completion is held."""

    awarded_xp = serializers.IntegerField(help_text="XP of the completion itself.")
    total_awarded_xp = serializers.IntegerField(help_text="With bonus and achievements.")
    new_total_xp = serializers.IntegerField(help_text="The balance after all of it.")
    xp_breakdown = XpFactorSerializer(many=True, source="breakdown", help_text="Adds up to `awarded_xp`.")
    level_up = serializers.BooleanField()
    player_level = serializers.IntegerField(source="after.level")
    title = serializers.CharField(source="after.title")
    streak = StreakSerializer(allow_null=True)
    unlocked_achievements = UnlockedAchievementSerializer(many=True)
    unlocked_badges = UnlockedBadgeSerializer(many=True)
    entries = EntrySerializer(many=True)
    trust = serializers.ChoiceField(
        Trust.choices,
        help_text="How far the result can be relied on: `verified` (the server judged it), `reported` within 5 minutes "
        "of when it happened, or `offline` (later).",
    )
