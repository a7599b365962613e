"""GET gamification/explain/xp/{id} and gamification/explain/level/{id}; the other two are gamification's."""

from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apidocs.operations import answer_example, documented
from gamification.api.docs import BREAKDOWN, WHY
from gamification.awards import FACTORS, profile_of
from gamification.models import Achievement, LedgerEntry
from levels.choices import Difficulty
from levels.errors import LOCK_REASONS, LevelNotFound
from levels.models import Level
from tracking.progress.serializers import LevelProgressSerializer

from .ledger_entries import explain_entry, find_entry
from .levels import LevelExplanation, explain_level


class ExplainedFactorSerializer(serializers.Serializer):
    factor = serializers.ChoiceField(FACTORS)
    value = serializers.IntegerField()
    why = serializers.CharField(help_text="What the points are for.")


class CompletionFactsSerializer(serializers.Serializer):
    level_id = serializers.CharField(source="level.level_id")
    name = serializers.CharField(source="level.shown.name")
    score = serializers.IntegerField()
    max_score = serializers.IntegerField(help_text="The level's, at that time.")
    passed = serializers.BooleanField()
    perfect = serializers.BooleanField()
    time_spent = serializers.IntegerField(allow_null=True, help_text="Seconds; null when the client did not say.")
    difficulty = serializers.ChoiceField(Difficulty.choices)
    hints_used = serializers.IntegerField(source="metadata.hints_used", allow_null=True, default=None)
    occurred_at = serializers.DateTimeField()


class AchievementFactsSerializer(serializers.Serializer):
    achievement_id = serializers.CharField()
    name = serializers.CharField()
    rarity = serializers.ChoiceField(Achievement.Rarity.choices)


class RelatedEntrySerializer(serializers.ModelSerializer):
    class Meta:
        model = LedgerEntry
        fields = ["id", "delta", "created_at"]
        read_only_fields = fields


class ExplainedEntrySerializer(serializers.ModelSerializer):
    balance_before = serializers.SerializerMethodField()
    rule_version = serializers.IntegerField(source="rule_set_id", help_text="The version of the rules that priced it.")
    streak = serializers.IntegerField(
        source="metadata.streak", allow_null=True, default=None, help_text="Of a streak bonus: the day of the streak."
    )
    reversal_of = RelatedEntrySerializer(allow_null=True, help_text="The entry that this one reverses.")
    reversed_by = RelatedEntrySerializer(allow_null=True, default=None, help_text="The entry that reversed this one.")

    class Meta:
        model = LedgerEntry
        fields = [
            "id",
            "sequence",
            "delta",
            "reason",
            "balance_before",
            "balance_after",
            "rule_version",
            "effective_at",
            "created_at",
            "streak",
            "reversal_of",
            "reversed_by",
        ]
        read_only_fields = fields

    def get_balance_before(self, entry) -> int:
        return entry.balance_after - entry.delta


class XpExplanationSerializer(serializers.Serializer):
    entry = ExplainedEntrySerializer()
    breakdown = ExplainedFactorSerializer(
        many=True, source="parts", help_text="Adds up to `entry.delta`, where there is one."
    )
    completion = CompletionFactsSerializer(allow_null=True, help_text="What was played.")
    achievement = AchievementFactsSerializer(allow_null=True, help_text="What was unlocked.")
    why = serializers.CharField(help_text=WHY)


class PrerequisiteSerializer(serializers.Serializer):
    level_id = serializers.CharField(source="level.level_id")
    name = serializers.CharField(source="level.shown.name")
    status = serializers.ChoiceField(["locked", "unlocked"])
    best_score = serializers.IntegerField(source="results.best_score", allow_null=True)
    best_max_score = serializers.IntegerField(
        source="results.best_max_score", allow_null=True, help_text="The level's maximum when it was reached."
    )
    passing_score = serializers.IntegerField(source="level.passing_score", help_text="The least score that passes.")
    max_score = serializers.IntegerField(source="level.max_score")


class LevelExplanationSerializer(serializers.Serializer):
    level = LevelProgressSerializer(source="line")
    available = serializers.SerializerMethodField(help_text="Can be played now.")
    reason = serializers.ChoiceField(LOCK_REASONS, allow_null=True, help_text="Why it cannot be played now.")
    passing_score = serializers.IntegerField(source="line.level.passing_score")
    max_score = serializers.IntegerField(source="line.level.max_score")
    road = PrerequisiteSerializer(many=True, help_text="All that must be passed before it opens, in this order.")
    why = serializers.CharField(help_text=WHY)

    def get_available(self, explanation: LevelExplanation) -> bool:
        return explanation.reason is None


EXPLAINED_ENTRY = {
    "entry": {
        "id": 4711,
        "sequence": 12,
        "delta": 28,
        "reason": "level_completion",
        "balance_before": 312,
        "balance_after": 340,
        "rule_version": 1,
        "effective_at": "2026-03-01T12:00:00Z",
        "created_at": "2026-03-01T12:00:00Z",
        "streak": None,
        "reversal_of": None,
        "reversed_by": None,
    },
    "breakdown": [
        {**factor, "why": why}
        for factor, why in zip(
            BREAKDOWN,
            [
                "for finishing",
                "for 850 points",
                "for finishing in only 2 min",
                "for using no hints",
            ],
            strict=True,
        )
    ],
    "completion": {
        "level_id": "level-3",
        "name": "Malware Mayhem",
        "score": 850,
        "max_score": 1000,
        "passed": True,
        "perfect": False,
        "time_spent": 120,
        "difficulty": "normal",
        "hints_used": 0,
        "occurred_at": "2026-03-01T12:00:00Z",
    },
    "achievement": None,
    "why": (
        "You got 28 XP for “Malware Mayhem”: 10 for finishing, 8 for 850 points, 5 for finishing in only 2 min and "
        "5 for using no hints."
    ),
}
LOCKED = {
    "level": {
        "level_id": "password-vault",
        "name": "Password Vault",
        "status": "locked",
        "best_score": None,
        "best_max_score": None,
        "best_time": None,
        "completions": 0,
        "awarded_xp": 0,
        "first_completed_at": None,
        "last_completed_at": None,
        "missing": [{"level_id": "level-2", "name": "Phishing Pond"}],
    },
    "available": False,
    "reason": "prerequisites",
    "passing_score": 70,
    "max_score": 100,
    "road": [
        {
            "level_id": "level-2",
            "name": "Phishing Pond",
            "status": "unlocked",
            "best_score": 40,
            "best_max_score": 100,
            "passing_score": 70,
            "max_score": 100,
        }
    ],
    "why": "“Password Vault” is locked: pass “Phishing Pond” (70 of 100 points).",
}


class ExplainXpView(GenericAPIView):
    serializer_class = XpExplanationSerializer
    key_scopes = {"GET": "read"}

    @documented(
        "Why?",
        "explainXp",
        "Explain the XP of one entry of my history",
        "An entry that takes another back is explained by that other one.",
        parameters=[OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH, description="`id` of xp/history.")],
        responses=XpExplanationSerializer,
        examples=[answer_example(EXPLAINED_ENTRY)],
    )
    def get(self, request: Request, id: int) -> Response:  # noqa: A002 - the name of the path's part
        entry = find_entry(request.user, id)
        if entry is None:
            raise Http404
        return Response(XpExplanationSerializer(explain_entry(profile_of(request.user), entry)).data)


class ExplainLevelView(GenericAPIView):
    serializer_class = LevelExplanationSerializer
    key_scopes = {"GET": "read"}

    @documented(
        "Why?",
        "explainLevel",
        "Explain why a level is locked, open or completed for me, and how to get there",
        parameters=[OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="level_id or number")],
        responses=LevelExplanationSerializer,
        raises=[LevelNotFound],
        examples=[answer_example(LOCKED)],
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the name of the path's part
        level = Level.objects.visible().named(id).first()
        if level is None:
            raise LevelNotFound
        return Response(LevelExplanationSerializer(explain_level(profile_of(request.user), level)).data)


urlpatterns = [
    path("xp/<int:id>", ExplainXpView.as_view(), name="explain-xp"),
    path("level/<slug:id>", ExplainLevelView.as_view(), name="explain-level"),
]
