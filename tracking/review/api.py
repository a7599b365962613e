"""GET review/queue, POST review/answer, GET skills/me and GET gamification/explain/review/{id}."""

from django.urls import path
from django.utils import timezone
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from tracking.idempotency.keys import without_effect

from . import docs
from .answering import answer_review
from .explaining import why_due
from .questions import review_queue
from .serializers import (
    MySkillsSerializer,
    ReviewAnswerSerializer,
    ReviewExplanationSerializer,
    ReviewQueueSerializer,
)
from .skills import skills_of


class ReviewQueueView(GenericAPIView):
    serializer_class = ReviewQueueSerializer
    key_scopes = {"GET": "read"}

    @docs.queue
    def get(self, request: Request) -> Response:
        return Response(review_queue(learner=request.user, at=timezone.now()))


class ReviewAnswerView(GenericAPIView):
    serializer_class = ReviewAnswerSerializer
    key_scopes = {"POST": "track"}

    @docs.answer
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        answer, is_new = answer_review(learner=request.user, **serializer.validated_data, at=timezone.now())
        return Response(answer) if is_new else without_effect(Response(answer))


class SkillsView(GenericAPIView):
    serializer_class = MySkillsSerializer
    key_scopes = {"GET": "read"}

    @docs.skills
    def get(self, request: Request) -> Response:
        return Response({"skills": skills_of(learner=request.user, at=timezone.now())})


class ExplainReviewView(GenericAPIView):
    serializer_class = ReviewExplanationSerializer
    key_scopes = {"GET": "read"}

    @docs.explanation
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the name of the path's part
        explained = why_due(learner=request.user, question_id=id, at=timezone.now())
        return Response(ReviewExplanationSerializer(explained).data)


urlpatterns = [
    path("review/queue", ReviewQueueView.as_view(), name="review-queue"),
    path("review/answer", ReviewAnswerView.as_view(), name="review-answer"),
    path("skills/me", SkillsView.as_view(), name="skills-me"),
    path("gamification/explain/review/<slug:id>", ExplainReviewView.as_view(), name="explain-review"),
]
