"""GET users/{id}/progress."""

from django.urls import re_path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apidocs.operations import answer_example, documented
from gamification.errors import LearnerNotFound

from .docs import PASSED
from .public_progress import RECENT, show_progress
from .serializers import AttemptSerializer

PROGRESS = {
    "user_id": 7,
    "username": "Ana Lestari",
    "total_xp": 340,
    "level": 3,
    "next_level_xp": 347,
    "total_challenges_completed": 4,
    "total_badges": 2,
    "recent_attempts": [PASSED],
}


class PublicProgressSerializer(serializers.Serializer):
    user_id = serializers.IntegerField()
    username = serializers.CharField(
        help_text="Their display name, or a neutral one such as `Learner 7`; in one's own answer the sign-in name."
    )
    total_xp = serializers.IntegerField()
    level = serializers.IntegerField()
    next_level_xp = serializers.IntegerField(allow_null=True, help_text="Total XP at which the next level begins.")
    total_challenges_completed = serializers.IntegerField(help_text="Different ones, passed.")
    total_badges = serializers.IntegerField()
    recent_attempts = AttemptSerializer(many=True)


class PublicProgressView(GenericAPIView):
    serializer_class = PublicProgressSerializer
    key_scopes = {"GET": "read"}

    @documented(
        "Users",
        "getProgressOfLearner",
        "Get how far a learner is, as others may see it",
        f"The last {RECENT} attempts; others see only those that were passed. 404 for learners who are deactivated or "
        "opted out of leaderboards; one's own progress is always there.",
        parameters=[OpenApiParameter("learner_id", int, OpenApiParameter.PATH, description="The learner's `id`.")],
        responses=PublicProgressSerializer,
        raises=[LearnerNotFound],
        examples=[answer_example(PROGRESS)],
    )
    def get(self, request: Request, learner_id: int) -> Response:
        shown = show_progress(int(learner_id), viewer_id=request.user.pk, at=timezone.now())
        return Response(PublicProgressSerializer(shown).data)


urlpatterns = [
    re_path(r"^users/(?P<learner_id>[0-9]{1,18})/progress$", PublicProgressView.as_view(), name="users-progress")
]
