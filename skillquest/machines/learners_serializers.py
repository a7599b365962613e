"""The requests and answers of learners/."""

from datetime import timedelta

from django.conf import settings
from rest_framework import serializers

from gamification.models import LearnerKind
from skillquest.accounts.display_names import refuse_unreadable
from skillquest.accounts.models import refuse_unprintable
from skillquest.accounts.serializers import DisplayNameField, EmailAddressField, known_time_zone

SHORTEST, USUAL, LONGEST = 60, 900, 3600  # seconds that a short token lives


class ExternalIdField(serializers.CharField):
    """Kept and compared exactly as it is sent."""

    def __init__(self, **options) -> None:
        super().__init__(max_length=128, trim_whitespace=False, validators=[refuse_unprintable], **options)


class SaveLearnerSerializer(serializers.Serializer):
    display_name = DisplayNameField(
        max_length=80,
        allow_blank=True,
        required=False,
        validators=[refuse_unreadable],
        help_text="What other learners see; empty: a neutral name. Not a look-alike of staff or of a sign-in name.",
    )
    email = EmailAddressField(
        max_length=254,
        allow_blank=True,
        required=False,
        help_text="Suggested when the learner claims the account. It is neither confirmed nor shown to anybody.",
    )
    time_zone = serializers.CharField(validators=[known_time_zone], required=False, help_text="An IANA time zone.")
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)


class SavedLearnerSerializer(serializers.Serializer):
    user_id = serializers.IntegerField(source="user.pk")
    external_id = serializers.CharField(source="user.external_id")
    display_name = serializers.CharField(source="user.display_name")
    time_zone = serializers.CharField(source="profile.time_zone")
    language = serializers.ChoiceField(source="user.language", choices=settings.LANGUAGES)
    kind = serializers.ChoiceField(source="profile.kind", choices=LearnerKind.choices)
    claimed = serializers.BooleanField(
        source="user.has_usable_password", help_text="The person has a password; PUT changes nothing any more."
    )
    created_at = serializers.DateTimeField(source="user.date_joined")


class LearnerStreakSerializer(serializers.Serializer):
    current_streak = serializers.IntegerField()
    longest_streak = serializers.IntegerField()
    last_activity_date = serializers.DateField(allow_null=True)
    freezes_available = serializers.IntegerField()
    total_active_days = serializers.IntegerField()
    at_risk = serializers.BooleanField(help_text="The streak is alive, but today is not safe yet.")
    today = serializers.DateField(help_text="The date in the learner's time zone.")


class LearnerAchievementSerializer(serializers.Serializer):
    achievement_id = serializers.CharField(source="achievement.achievement_id")
    name = serializers.CharField(source="achievement.shown.name")
    unlocked_at = serializers.DateTimeField(source="earned_at")


class LearnerBadgeSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="badge_id")
    name = serializers.CharField(source="badge.shown.name")
    icon_url = serializers.CharField(source="badge.icon_url")
    awarded_at = serializers.DateTimeField()


class LearnerStatusSerializer(SavedLearnerSerializer):
    total_xp = serializers.IntegerField(source="profile.total_xp")
    verified_xp = serializers.IntegerField(source="profile.verified_xp")
    level = serializers.IntegerField(source="rank.level")
    title = serializers.CharField(source="rank.title")
    levels_completed = serializers.IntegerField(source="profile.levels_completed")
    metrics = serializers.DictField(
        source="profile.counters", child=serializers.IntegerField(), help_text="The totals of metrics, by name."
    )
    streak = LearnerStreakSerializer()
    achievements = LearnerAchievementSerializer(many=True, help_text="Newest first.")
    badges = LearnerBadgeSerializer(many=True, help_text="Newest first.")


class AskForTokenSerializer(serializers.Serializer):
    ttl = serializers.IntegerField(
        min_value=SHORTEST, max_value=LONGEST, default=USUAL, help_text="Seconds until the token expires."
    )

    def validate_ttl(self, ttl) -> timedelta:
        return timedelta(seconds=ttl)


class ShortTokenSerializer(serializers.Serializer):
    access_token = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
    token_type = serializers.ChoiceField(["bearer"])
    expires_at = serializers.DateTimeField()


class ClaimLinkSerializer(serializers.Serializer):
    url = serializers.URLField(help_text="For the learner only: whoever opens it first can take over the account.")
    expires_at = serializers.DateTimeField()
