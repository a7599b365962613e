"""POST levels/{id}/play and plays/{session_id}/…"""

from typing import Any

from django.urls import path, re_path
from django.utils import timezone
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from gamification.api.serializers import EmptySerializer
from levels.questions.markdown import to_text
from tracking.idempotency.keys import without_effect
from tracking.recording.sources import source_of
from tracking.recording.trust import reporter_of

from . import docs
from .serializers import AnswerQuestionSerializer, TakeHintSerializer
from .services import answer_question, finish_play, start_play, take_hint


class StartPlayView(GenericAPIView):
    serializer_class = EmptySerializer
    key_scopes = {"POST": "track"}

    @docs.start
    def post(self, request: Request, id: str) -> Response:  # noqa: A002 - the name of the path's part
        _validated(self, request)
        return Response(start_play(learner=request.user, level=id, at=timezone.now()))


class HintView(GenericAPIView):
    serializer_class = TakeHintSerializer
    key_scopes = {"POST": "track"}

    @docs.hint
    def post(self, request: Request, session_id: str) -> Response:
        hint = take_hint(**_call(self, request, session_id))
        return Response({"hint": to_text(hint)})


class AnswerView(GenericAPIView):
    serializer_class = AnswerQuestionSerializer
    key_scopes = {"POST": "track"}

    @docs.answer
    def post(self, request: Request, session_id: str) -> Response:
        return Response(answer_question(**_call(self, request, session_id)))


class FinishView(GenericAPIView):
    serializer_class = EmptySerializer
    key_scopes = {"POST": "track"}

    @docs.finish
    def post(self, request: Request, session_id: str) -> Response:
        _validated(self, request)
        at = timezone.now()
        origin = {"source": source_of(request), "reporter": reporter_of(request)}
        outcome = finish_play(learner=request.user, session_id=int(session_id), **origin, at=at)
        answer = Response({**outcome.answer, "is_new_completion": outcome.is_new, "server_time": at})
        return answer if outcome.is_new else without_effect(answer)


def _call(view: GenericAPIView, request: Request, session_id: str) -> dict[str, Any]:
    who = {"learner": request.user, "session_id": int(session_id)}
    return {**who, **_validated(view, request), "at": timezone.now()}


def _validated(view: GenericAPIView, request: Request) -> dict[str, Any]:
    serializer = view.get_serializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


# 18 digits: every id, and no number that a database would stumble over.
PLAY = "^plays/(?P<session_id>[0-9]{1,18})"

urlpatterns = [
    path("levels/<str:id>/play", StartPlayView.as_view(), name="play-start"),
    re_path(f"{PLAY}/hint$", HintView.as_view(), name="play-hint"),
    re_path(f"{PLAY}/answer$", AnswerView.as_view(), name="play-answer"),
    re_path(f"{PLAY}/finish$", FinishView.as_view(), name="play-finish"),
]
