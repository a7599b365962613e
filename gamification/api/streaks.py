"""GET gamification/streaks/status, POST gamification/streaks/update and gamification/streaks/freeze."""

from django.urls import path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from apidocs.operations import answer_example, documented
from gamification.awards.activity import check_in, protect_today
from gamification.errors import NoFreezesLeft, NoStreak
from gamification.profiles.standing import profile_of
from gamification.streaks.runs import Action
from gamification.streaks.status import DAY_STATUSES, streak_status

from .serializers import EmptySerializer, EntrySerializer, UnlockedAchievementSerializer, UnlockedBadgeSerializer


class EmptyRequestView(GenericAPIView):
    """A POST without fields of its own; unknown ones are refused."""

    serializer_class = EmptySerializer

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        self.get_serializer(data=request.data).is_valid(raise_exception=True)


class StreakDaySerializer(serializers.Serializer):
    date = serializers.DateField()
    status = serializers.ChoiceField(DAY_STATUSES)


class StreakStatusSerializer(serializers.Serializer):
    current_streak = serializers.IntegerField(help_text="Active days of the run that is alive today; 0 without one.")
    longest_streak = serializers.IntegerField()
    last_activity_date = serializers.DateField(allow_null=True)
    freezes_available = serializers.IntegerField()
    total_active_days = serializers.IntegerField()
    at_risk = serializers.BooleanField(help_text="The streak is alive, but today is not safe yet.")
    today = serializers.DateField(help_text="The date in my time zone.")
    days = StreakDaySerializer(
        many=True,
        help_text=(
            "The last 30, oldest first. `skipped`: my clock skipped the date, or most of it, because the time zone "
            "changed; it breaks no streak. `none`: before my first day, or today and nothing yet."
        ),
    )


class CheckInAnswerSerializer(StreakStatusSerializer):
    action = serializers.ChoiceField([action.value for action in Action])
    unlocked_achievements = UnlockedAchievementSerializer(many=True)
    unlocked_badges = UnlockedBadgeSerializer(many=True)
    entries = EntrySerializer(
        many=True, help_text="Ledger entries of what it unlocked; a check-in itself pays nothing."
    )


STATUS = {
    "current_streak": 4,
    "longest_streak": 11,
    "last_activity_date": "2026-03-08",
    "freezes_available": 2,
    "total_active_days": 25,
    "at_risk": True,
    "today": "2026-03-09",
    "days": [
        {"date": "2026-03-07", "status": "frozen"},
        {"date": "2026-03-08", "status": "active"},
        {"date": "2026-03-09", "status": "none"},
    ],
}
CHECKED_IN = STATUS | {
    "action": "increased",
    "current_streak": 5,
    "last_activity_date": "2026-03-09",
    "total_active_days": 26,
    "at_risk": False,
    "days": [*STATUS["days"][:2], {"date": "2026-03-09", "status": "active"}],
    "unlocked_achievements": [],
    "unlocked_badges": [],
    "entries": [],
}
PROTECTED = STATUS | {
    "freezes_available": 1,
    "at_risk": False,
    "days": [*STATUS["days"][:2], {"date": "2026-03-09", "status": "frozen"}],
}


class StreakStatusView(GenericAPIView):
    serializer_class = StreakStatusSerializer
    key_scopes = {"GET": "read"}

    @documented(
        "Streaks",
        "getStreak",
        "Get my streak today",
        "`days` has 30 entries (the example is shortened).",
        examples=[answer_example(STATUS)],
    )
    def get(self, request) -> Response:
        status = streak_status(profile_of(request.user), at=timezone.now())
        return Response(StreakStatusSerializer(status).data)


class CheckInView(EmptyRequestView):
    key_scopes = {"POST": "track"}

    @documented(
        "Streaks",
        "checkIn",
        "Check in: count today as active",
        "Keeps the streak like a completion does, but pays no bonus; the first completion of the day still does. "
        "`action` says what it did: `started`, `increased`, `maintained` (again the same day), `frozen` (freezes "
        "filled a gap) or `broken` (a gap; the streak starts again at 1).",
        request=None,
        responses=CheckInAnswerSerializer,
        examples=[answer_example(CHECKED_IN)],
    )
    def post(self, request) -> Response:
        at = timezone.now()
        checked = check_in(request.user.pk, at=at)
        shown = vars(streak_status(checked.profile, at=at)) | {
            "action": checked.action,
            "unlocked_achievements": checked.earned.achievements,
            "unlocked_badges": checked.earned.badges,
            "entries": checked.entries,
        }
        return Response(CheckInAnswerSerializer(shown).data)


class FreezeView(EmptyRequestView):
    key_scopes = {"POST": "track"}

    @documented(
        "Streaks",
        "freezeToday",
        "Protect today with a freeze",
        "For a day without activity, while a streak is alive. It uses one freeze, and one more for each missed day "
        "before it. A second call the same day, or one after activity, changes nothing. Activity later that day gives "
        "the freeze back.",
        request=None,
        responses=StreakStatusSerializer,
        raises=[NoStreak, NoFreezesLeft],
        examples=[answer_example(PROTECTED)],
    )
    def post(self, request) -> Response:
        at = timezone.now()
        profile = protect_today(request.user.pk, at=at)
        return Response(StreakStatusSerializer(streak_status(profile, at=at)).data)


urlpatterns = [
    path("status", StreakStatusView.as_view(), name="streak-status"),
    path("update", CheckInView.as_view(), name="streak-update"),
    path("freeze", FreezeView.as_view(), name="streak-freeze"),
]
