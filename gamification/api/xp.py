"""GET gamification/xp/stats and POST gamification/xp/award."""

import json
from typing import Any

from django.contrib.auth import get_user_model
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from apidocs.operations import answer_example, documented, request_example
from apidocs.server_keys import sent_by_key
from approvals.answers import PENDING_EXAMPLE, PendingApprovalSerializer, pending_answer
from approvals.errors import AlreadyDecided, OwnXP
from approvals.models import ApprovalRequest
from gamification.errors import (
    BalanceBelowZero,
    BalanceTooLarge,
    KeyAwardsUsedUp,
    LearnerErased,
    LearnerNotFound,
    ReferenceReused,
)
from gamification.ledger.statistics import xp_stats
from gamification.models import LedgerEntry, Trust
from gamification.staff.approvals import adjust_or_request
from gamification.staff.forms import ADJUSTMENT_LIMIT, validate_one_line
from gamification.staff.key_awards import award_by_key

from .permissions import MayAwardXP
from .serializers import EntrySerializer, UnlockedAchievementSerializer, UnlockedBadgeSerializer

METADATA_LIMIT = 2_000


class OneDecimalField(serializers.FloatField):
    """An exact fraction, shown with one decimal."""

    def to_representation(self, value) -> float:
        return round(float(value), 1)


class ReasonTotalSerializer(serializers.Serializer):
    reason = serializers.ChoiceField(LedgerEntry.Reason.choices)
    xp = serializers.IntegerField()
    lines = serializers.IntegerField()


class DayTotalSerializer(serializers.Serializer):
    date = serializers.DateField()
    xp = serializers.IntegerField()


class AveragesSerializer(serializers.Serializer):
    per_day = OneDecimalField(help_text="Of the 30 days.")
    per_active_day = OneDecimalField(allow_null=True, help_text="Of those among the 30 days that changed the total.")
    per_completion = OneDecimalField(allow_null=True, help_text="Of all paid completions that were not taken back.")


class XPStatsSerializer(serializers.Serializer):
    total_xp = serializers.IntegerField()
    by_reason = ReasonTotalSerializer(many=True, help_text="Adds up to `total_xp`.")
    by_day = DayTotalSerializer(many=True, help_text="30 UTC dates, oldest first, by when it was earned.")
    averages = AveragesSerializer(source="*")


class AwardSerializer(serializers.Serializer):
    user_id = serializers.IntegerField(
        min_value=1, required=False, help_text="Whom; a server key names the learner in its header instead."
    )
    xp_amount = serializers.IntegerField(
        min_value=-ADJUSTMENT_LIMIT, max_value=ADJUSTMENT_LIMIT, help_text="Not 0; a negative number takes."
    )
    reason = serializers.CharField(
        min_length=3, max_length=100, validators=[validate_one_line], help_text="One line that the learner may read."
    )
    note = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="For colleagues and auditors."
    )
    reference_id = serializers.CharField(
        max_length=100, required=False, help_text="Identifies this award: a reference is paid once for each learner."
    )
    metadata = serializers.DictField(
        required=False, help_text="Kept with the ledger entry, where the learner may read it."
    )

    def validate_xp_amount(self, amount) -> int:
        if amount == 0:
            raise serializers.ValidationError(_("Must not be 0: nothing would change."))
        return amount

    def validate_metadata(self, metadata) -> dict[str, Any]:
        # The key under which each ledger entry explains its amount.
        if "breakdown" in metadata:
            raise serializers.ValidationError({"breakdown": [_("This key is reserved.")]})
        if len(json.dumps(metadata)) > METADATA_LIMIT:
            raise serializers.ValidationError(
                _("Must have at most %(most)s characters of JSON.") % {"most": METADATA_LIMIT}
            )
        return metadata

    def validate(self, award) -> dict[str, Any]:
        request = self.context["request"]
        if sent_by_key(request):
            if award.setdefault("user_id", request.user.pk) != request.user.pk:
                raise serializers.ValidationError({"user_id": _("Is not the learner that SkillQuest-Learner names.")})
        elif "user_id" not in award:
            raise serializers.ValidationError({"user_id": self.fields["user_id"].error_messages["required"]})
        return award


class XpAwardSerializer(serializers.Serializer):
    is_new_award = serializers.BooleanField(
        source="is_new", help_text="False where the reference had paid before: nothing has moved."
    )
    entry_id = serializers.IntegerField(source="entry.pk")
    reference_id = serializers.CharField(source="entry.reference_id")
    xp_awarded = serializers.IntegerField(source="entry.delta", help_text="By the award itself.")
    previous_xp = serializers.IntegerField(help_text="The balance before the award.")
    total_xp = serializers.IntegerField(help_text="The balance now, with what the award unlocked.")
    current_level = serializers.IntegerField(source="after.level")
    title = serializers.CharField(source="after.title")
    level_up = serializers.BooleanField()
    unlocked_achievements = UnlockedAchievementSerializer(many=True, source="earned.achievements")
    unlocked_badges = UnlockedBadgeSerializer(many=True, source="earned.badges")
    entries = EntrySerializer(many=True)
    trust = serializers.ChoiceField(Trust.choices, source="entry.trust", help_text="What staff give is `verified`.")


STATS = {
    "total_xp": 340,
    "by_reason": [
        {"reason": "achievement", "xp": 50, "lines": 1},
        {"reason": "level_completion", "xp": 280, "lines": 10},
        {"reason": "streak_bonus", "xp": 10, "lines": 1},
    ],
    "by_day": [{"date": f"2026-02-{day:02}", "xp": 0} for day in range(1, 29)]
    + [{"date": "2026-03-01", "xp": 312}, {"date": "2026-03-02", "xp": 28}],
    "averages": {"per_day": 11.3, "per_active_day": 170.0, "per_completion": 28.0},
}
AWARD = {
    "user_id": 42,
    "xp_amount": 150,
    "reason": "Won the science fair",
    "note": "Requested by the school.",
    "reference_id": "fair-2026-42",
}
AWARDED = {
    "is_new_award": True,
    "entry_id": 4711,
    "reference_id": "fair-2026-42",
    "xp_awarded": 150,
    "previous_xp": 340,
    "total_xp": 490,
    "current_level": 4,
    "title": "Novice",
    "level_up": True,
    "unlocked_achievements": [],
    "unlocked_badges": [],
    "entries": [{"reason": "manual_adjustment", "delta": 150, "balance_after": 490}],
    "trust": "verified",
}


class XPStatsView(GenericAPIView):
    serializer_class = XPStatsSerializer
    key_scopes = {"GET": "read"}

    @documented(
        "XP",
        "getXpStats",
        "Get what my XP adds up to: by reason, by day, on average",
        examples=[answer_example(STATS)],
    )
    def get(self, request) -> Response:
        return Response(XPStatsSerializer(xp_stats(request.user.pk, at=timezone.now())).data)


class AwardView(GenericAPIView):
    serializer_class = AwardSerializer
    key_scopes = {"POST": "award"}
    permission_classes = [IsAuthenticated, MayAwardXP]

    @documented(
        "XP",
        "awardXp",
        "Give or take XP by hand",
        "For staff with the permission `gamification.award_xp`. With a `reference_id` a learner is paid once, however "
        "often it is sent. What the XP unlocks is in the answer.\n\nAbove `XP_APPROVAL_ABOVE` (1 000 XP, which counts "
        "everything that one person gave, took and reversed for this learner within 24 hours) the award waits until a "
        "second person approves it: 202. Sent again with its `reference_id`, it names the same request; once it is "
        "approved, the answer is that of the award.\n\nA server key needs the scope `award`, and names the learner in "
        "SkillQuest-Learner. No second person is asked; what one key gives and takes in a UTC day is limited by "
        "`SERVER_KEY_AWARD_PER_DAY` (10 000 XP).",
        responses={200: XpAwardSerializer, 202: PendingApprovalSerializer},
        raises=[
            BalanceBelowZero,
            BalanceTooLarge,
            PermissionDenied,
            OwnXP,
            LearnerNotFound,
            ReferenceReused,
            AlreadyDecided,
            KeyAwardsUsedUp,
            LearnerErased,
        ],
        examples=[
            request_example(AWARD),
            OpenApiExample("Answer", AWARDED, response_only=True, status_codes=["200"]),
            PENDING_EXAMPLE,
        ],
    )
    def post(self, request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        award = dict(serializer.validated_data)
        learner_id, amount = award.pop("user_id"), award.pop("xp_amount")
        if not get_user_model().objects.filter(pk=learner_id).exists():
            raise LearnerNotFound
        award |= {"learner_id": learner_id, "amount": amount, "at": timezone.now()}
        if sent_by_key(request):
            return Response(XpAwardSerializer(award_by_key(request.auth, **award)).data)
        done = adjust_or_request(**award, actor=request.user)
        if isinstance(done, ApprovalRequest):
            return pending_answer(done)
        return Response(XpAwardSerializer(done).data)


urlpatterns = [
    path("xp/stats", XPStatsView.as_view(), name="xp-stats"),
    path("xp/award", AwardView.as_view(), name="xp-award"),
]
