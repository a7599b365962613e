from typing import Any

from rest_framework import serializers

from catalogues.serializers import ONLY_FOR_EDITORS, TranslatedSerializer, TranslationsField
from gamification.api.serializers import EntrySerializer, UnlockedAchievementSerializer, UnlockedBadgeSerializer
from gamification.conditions.engine import Progress, progress
from gamification.conditions.schema import validate_condition
from gamification.earnables.rarity import percent_of
from gamification.models import Achievement, Badge, BadgeAward

SECRET_ICON = "bi-question-circle"  # noqa: S105 - shown instead of the icon of a hidden achievement


class ConditionField(serializers.DictField):
    """JSON; `type` with a threshold, or a group `all` or `any`."""

    def __init__(self, **options) -> None:
        super().__init__(**{"help_text": "What has to be reached; see the guide.", **options})


class AchievementSerializer(TranslatedSerializer[Achievement]):
    """A hidden one shows no name, text, icon or condition until it is unlocked."""

    name = serializers.CharField(allow_null=True)
    description = serializers.CharField(allow_null=True)
    condition = ConditionField(
        source="shown_condition",
        allow_null=True,
        help_text="The condition; of an unlocked achievement, the condition at the time of the unlock.",
    )
    xp_reward = serializers.IntegerField(
        source="shown_xp_reward", help_text="What it pays; of an unlocked one, what it paid."
    )
    unlocked = serializers.SerializerMethodField()
    unlocked_at = serializers.DateTimeField(allow_null=True, help_text="When I earned it.")
    rarity_percent = serializers.SerializerMethodField(
        help_text="Share of all learners who have it; at most 15 minutes old."
    )

    class Meta:
        model = Achievement
        fields = [
            "achievement_id",
            "name",
            "description",
            "category",
            "rarity",
            "icon",
            "xp_reward",
            "condition",
            "hidden",
            "position",
            "unlocked",
            "unlocked_at",
            "rarity_percent",
        ]

    def get_unlocked(self, achievement) -> bool:
        return achievement.unlocked_at is not None

    def get_rarity_percent(self, achievement) -> float:
        return percent_of(self.context["holder_counts"], achievement)

    def to_representation(self, achievement) -> dict[str, Any]:
        shown = super().to_representation(achievement)
        if achievement.is_secret:
            shown |= {"name": None, "description": None, "condition": None, "icon": SECRET_ICON}
        return shown


class AchievementProgressSerializer(serializers.ModelSerializer):
    """`current` of `target`: of the number, of the parts of `all`, or of the nearest part of `any`."""

    name = serializers.CharField(allow_null=True)
    unlocked = serializers.SerializerMethodField()
    current = serializers.IntegerField(allow_null=True)
    target = serializers.IntegerField(allow_null=True)
    percent = serializers.IntegerField(allow_null=True, help_text="Whole points; 100 only when it is reached.")

    class Meta:
        model = Achievement
        fields = ["achievement_id", "name", "category", "unlocked", "current", "target", "percent"]

    def get_unlocked(self, achievement) -> bool:
        return achievement.unlocked_at is not None

    def to_representation(self, achievement) -> dict[str, Any]:
        shown = {
            "achievement_id": achievement.achievement_id,
            "name": achievement.shown.name,
            "category": achievement.category,
            "unlocked": self.get_unlocked(achievement),
        }
        if achievement.is_secret:
            # A target would reveal the condition.
            return shown | dict.fromkeys(["name", "current", "target", "percent"])
        now = self._progress(achievement)
        return shown | {"current": now.current, "target": now.target, "percent": now.percent}

    def _progress(self, achievement) -> Progress:
        now = progress(achievement.shown_condition, self.context["values"])
        # What is unlocked stays unlocked, also where a streak has ended since.
        return Progress(now.target, now.target) if achievement.unlocked_at else now


class AchievementCheckSerializer(serializers.Serializer):
    newly_unlocked = UnlockedAchievementSerializer(many=True, source="earned.achievements")
    unlocked_badges = UnlockedBadgeSerializer(many=True, source="earned.badges")
    entries = EntrySerializer(many=True, help_text="The ledger entries that paid them.")
    total_awarded_xp = serializers.IntegerField()
    new_total_xp = serializers.IntegerField(source="profile.total_xp")
    level_up = serializers.BooleanField()
    player_level = serializers.IntegerField(source="after.level")
    title = serializers.CharField(source="after.title")


class LoadedItemSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(["achievement", "badge"])
    key = serializers.CharField(help_text="Its achievement_id, or a badge's name.")
    verdict = serializers.ChoiceField(["created", "changed", "unchanged"])
    changes = serializers.SerializerMethodField(help_text="The fields that were changed.")

    def get_changes(self, outcome) -> list[str]:
        return outcome.changes or []


class CatalogueLoadSerializer(serializers.Serializer):
    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    results = LoadedItemSerializer(many=True)


@ONLY_FOR_EDITORS
class BadgeSerializer(TranslatedSerializer[Badge]):
    """A badge, in the language of the request; only editors get `language` and `translations`."""

    condition = ConditionField(source="shown_condition", allow_null=True, help_text="null: awarded by hand.")
    awarded = serializers.SerializerMethodField()
    awarded_at = serializers.DateTimeField(allow_null=True, help_text="When I got it.")
    translations = TranslationsField()

    class Meta:
        model = Badge
        fields = [
            "id",
            "name",
            "description",
            "icon_url",
            "condition",
            "published",
            "position",
            "language",
            "translations",
            "awarded",
            "awarded_at",
        ]

    def get_awarded(self, badge) -> bool:
        return badge.awarded_at is not None


class SaveBadgeSerializer(serializers.ModelSerializer):
    condition = ConditionField(
        required=False, allow_null=True, validators=[validate_condition], help_text="null: awarded by hand."
    )
    translations = TranslationsField(required=False)

    class Meta:
        model = Badge
        fields = ["name", "description", "icon_url", "condition", "published", "position", "language", "translations"]
        # The service and the database check that the name is unique.
        extra_kwargs = {"name": {"validators": []}}


class BadgeAwardSerializer(serializers.ModelSerializer):
    id = serializers.IntegerField(source="badge.pk", help_text="The badge's.")
    name = serializers.CharField(source="badge.shown.name")
    description = serializers.CharField(source="badge.shown.description")
    icon_url = serializers.CharField(source="badge.icon_url")
    metadata = serializers.DictField()

    class Meta:
        model = BadgeAward
        fields = ["id", "name", "description", "icon_url", "awarded_at", "metadata"]
