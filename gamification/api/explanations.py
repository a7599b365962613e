"""GET gamification/explain/streak and gamification/explain/achievement/{id}; the other two are tracking's."""

from typing import Any

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from apidocs.operations import answer_example, documented
from gamification.errors import AchievementNotFound
from gamification.explanations.achievements import HIDDEN, explain_achievement, find_achievement
from gamification.explanations.streak_days import explain_day
from gamification.models import Achievement, FreezeEvent
from gamification.profiles.standing import profile_of
from gamification.streaks.local_dates import local_date
from gamification.streaks.status import DAY_STATUSES

from .docs import WHY


class DateSerializer(serializers.Serializer):
    date = serializers.DateField(input_formats=["%Y-%m-%d"], required=False)


class FreezeEventSerializer(serializers.ModelSerializer):
    class Meta:
        model = FreezeEvent
        fields = ["kind", "delta", "created_at"]
        read_only_fields = fields


class StreakBonusSerializer(serializers.Serializer):
    entry_id = serializers.IntegerField(source="pk")
    xp = serializers.IntegerField(source="delta")
    streak = serializers.IntegerField(source="metadata.streak", help_text="As known then; it is never recomputed.")


class StreakDayExplanationSerializer(serializers.Serializer):
    date = serializers.DateField()
    today = serializers.DateField(help_text="In my time zone.")
    status = serializers.ChoiceField(
        DAY_STATUSES,
        help_text="As in `streaks/status`; `none`: today, or before the first day.",
    )
    streak = serializers.IntegerField(source="run.active", help_text="Active days of the run.")
    began_on = serializers.DateField(source="run.began_on", allow_null=True)
    ended_on = serializers.DateField(
        source="run.ended_on",
        allow_null=True,
        help_text="`date` itself where it belongs to a run, else the last day of the run before it.",
    )
    frozen_days = serializers.IntegerField(source="run.frozen", help_text="They join the run and add nothing.")
    pardoned_days = serializers.IntegerField(source="run.pardoned", help_text="The same.")
    alive_until = serializers.DateField(
        allow_null=True, help_text="The last date on which activity joins the run; null when it is over or went on."
    )
    bonus = StreakBonusSerializer(allow_null=True)
    freezes = FreezeEventSerializer(many=True, help_text="Granted on, used for, or returned from this date.")
    why = serializers.CharField(help_text=WHY)


class ConditionThresholdSerializer(serializers.Serializer):
    metric = serializers.CharField()
    words = serializers.CharField()
    current = serializers.IntegerField()
    target = serializers.IntegerField()
    reached = serializers.BooleanField()


class ConditionProgressSerializer(serializers.Serializer):
    current = serializers.IntegerField()
    target = serializers.IntegerField()
    percent = serializers.IntegerField()


class PaidRewardSerializer(serializers.Serializer):
    entry_id = serializers.IntegerField(source="pk")
    xp = serializers.IntegerField(source="delta")


class UnlockExplanationSerializer(serializers.Serializer):
    """The secret fields of a hidden achievement are null until it is unlocked."""

    achievement_id = serializers.CharField(source="achievement.achievement_id")
    hidden = serializers.BooleanField(source="achievement.hidden")
    unlocked = serializers.BooleanField()
    name = serializers.CharField(source="achievement.shown.name", allow_null=True)
    description = serializers.CharField(source="achievement.shown.description", allow_null=True)
    rarity = serializers.ChoiceField(Achievement.Rarity.choices, source="achievement.rarity")
    xp_reward = serializers.IntegerField(source="achievement.shown_xp_reward")
    earned_at = serializers.DateTimeField(source="unlock.earned_at", allow_null=True, default=None)
    revoked_at = serializers.DateTimeField(source="unlock.revoked_at", allow_null=True, default=None)
    paid = PaidRewardSerializer(source="entry", allow_null=True, help_text="The ledger entry that paid it.")
    progress = ConditionProgressSerializer(allow_null=True)
    thresholds = ConditionThresholdSerializer(many=True, help_text="Every number that the condition requires.")
    why = serializers.CharField(help_text=WHY)

    def to_representation(self, explanation) -> dict[str, Any]:
        shown = super().to_representation(explanation)
        if explanation.is_secret:
            shown |= dict.fromkeys(["name", "description", "earned_at", "revoked_at", "paid", "progress"])
            shown["thresholds"] = []
        return shown


DAY = {
    "date": "2026-03-04",
    "today": "2026-03-09",
    "status": "active",
    "streak": 4,
    "began_on": "2026-02-28",
    "ended_on": "2026-03-04",
    "frozen_days": 1,
    "pardoned_days": 0,
    "alive_until": None,
    "bonus": {"entry_id": 4711, "xp": 20, "streak": 4},
    "freezes": [],
    "why": (
        "You were active on 4 March 2026: day 4 of the streak that began on 28 February 2026, with 1 frozen day in "
        "between; its first completion paid 20 XP."
    ),
}
ACHIEVEMENT = {
    "achievement_id": "word-collector",
    "hidden": False,
    "unlocked": False,
    "name": "Word Collector",
    "description": "Learn 100 words.",
    "rarity": "rare",
    "xp_reward": 100,
    "earned_at": None,
    "revoked_at": None,
    "paid": None,
    "progress": {"current": 37, "target": 100, "percent": 37},
    "thresholds": [
        {"metric": "words_learned", "words": "total of words learned", "current": 37, "target": 100, "reached": False}
    ],
    "why": "“Word Collector” is not unlocked yet: your total of words learned is at 37 of 100.",
}
SECRET = {
    **ACHIEVEMENT,
    "achievement_id": "night-owl",
    "hidden": True,
    "name": None,
    "description": None,
    "progress": None,
    "thresholds": [],
    "why": HIDDEN,
}


class ExplainStreakView(GenericAPIView):
    serializer_class = StreakDayExplanationSerializer
    query_parameters = frozenset({"date"})
    key_scopes = {"GET": "read"}

    @documented(
        "Why?",
        "explainStreakDay",
        "Explain my streak on a date",
        parameters=[
            OpenApiParameter(
                "date", OpenApiTypes.DATE, description="In my time zone; today when left out, never later."
            )
        ],
        examples=[answer_example(DAY)],
    )
    def get(self, request) -> Response:
        serializer = DateSerializer(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        at, profile = timezone.now(), profile_of(request.user)
        today = local_date(profile, at)
        day = serializer.validated_data.get("date", today)
        # A client's clock may be ahead by minutes, and so may its last day.
        if day > max(today, profile.last_day or today):
            raise ValidationError({"date": [_("Must not lie in the future.")]})
        return Response(StreakDayExplanationSerializer(explain_day(profile, day, at=at)).data)


class ExplainAchievementView(GenericAPIView):
    serializer_class = UnlockExplanationSerializer
    key_scopes = {"GET": "read"}

    @documented(
        "Why?",
        "explainAchievement",
        "Explain why an achievement is unlocked, or what is missing",
        "A hidden one shows nothing about itself before it is unlocked.",
        parameters=[
            OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="achievement_id or id")
        ],
        responses=UnlockExplanationSerializer,
        raises=[AchievementNotFound],
        examples=[answer_example(ACHIEVEMENT), answer_example(SECRET, "Hidden")],
    )
    def get(self, request, id) -> Response:  # noqa: A002 - the name of the path's part
        found = find_achievement(id, request.user)
        if found is None:
            raise AchievementNotFound
        explanation = explain_achievement(profile_of(request.user), found, at=timezone.now())
        return Response(UnlockExplanationSerializer(explanation).data)


urlpatterns = [
    path("streak", ExplainStreakView.as_view(), name="explain-streak"),
    path("achievement/<slug:id>", ExplainAchievementView.as_view(), name="explain-achievement"),
]
