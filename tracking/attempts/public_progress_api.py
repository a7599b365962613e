"""GET users/{id}/progress."""

from django.urls import re_path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from .docs import PASSED, answered
from .public_progress import RECENT, show_progress
from .serializers import AttemptSerializer

PROGRESS = {
    "user_id": 7,
    "username": "ana",
    "total_xp": 340,
    "level": 3,
    "next_level_xp": 347,
    "total_challenges_completed": 4,
    "total_badges": 2,
    "recent_attempts": [PASSED],
}


class PublicProgressSerializer(serializers.Serializer):
    user_id = serializers.IntegerField()
    username = serializers.CharField()
    total_xp = serializers.IntegerField()
    level = serializers.IntegerField()
    next_level_xp = serializers.IntegerField(allow_null=True, help_text="Total XP at which the next level begins.")
    total_challenges_completed = serializers.IntegerField(help_text="Different ones, passed.")
    total_badges = serializers.IntegerField()
    recent_attempts = AttemptSerializer(many=True)


class PublicProgressView(GenericAPIView):
    serializer_class = PublicProgressSerializer

    @extend_schema(
        tags=["Users"],
        summary="How far a learner is, as others may see it",
        description=f"The last {RECENT} attempts; others see only those that were passed.",
        parameters=[OpenApiParameter("learner_id", int, OpenApiParameter.PATH, description="The learner's `id`.")],
        responses={
            200: PublicProgressSerializer,
            404: OpenApiResponse(
                description="`learner_not_found`: unknown, deactivated, or opted out (one's own is always there)."
            ),
        },
        examples=[answered({"success": True, **PROGRESS})],
    )
    def get(self, request, learner_id):
        shown = show_progress(int(learner_id), viewer_id=request.user.pk, at=timezone.now())
        return Response(PublicProgressSerializer(shown).data)


urlpatterns = [
    re_path(r"^users/(?P<learner_id>[0-9]{1,18})/progress$", PublicProgressView.as_view(), name="users-progress")
]
