from datetime import datetime

from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from levels.api.filters import LevelFilter
from levels.models import Level
from tracking.idempotency.keys import without_effect
from tracking.models import LearningSession
from tracking.progress.levels import levels_summary, progress_of, sessions_summary
from tracking.progress.serializers import LevelProgressSerializer, LevelsProgressSerializer, LevelsSummarySerializer
from tracking.recording.serializers import (
    CompleteLevelSerializer,
    EndSessionSerializer,
    SessionSerializer,
    StartedSessionSerializer,
    StartSessionSerializer,
)
from tracking.recording.services import Outcome, complete_level, end_session, start_session
from tracking.recording.sources import source_of
from tracking.recording.trust import reporter_of

from . import docs

# Made once, since a serializer copies all of its fields when it is made.
_completions, _ends = CompleteLevelSerializer(), EndSessionSerializer()


class SessionViewSet(GenericViewSet):
    queryset = LearningSession.objects.select_related("level", "completion")
    serializer_class = SessionSerializer
    key_scopes = {"GET": "read", "POST": "track"}

    @docs.start
    @action(detail=False, methods=["post"], serializer_class=StartSessionSerializer)
    def start(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        at = timezone.now()
        resume = "Idempotency-Key" not in request.headers
        session, is_new = start_session(learner=request.user, level=serializer.level, resume=resume, at=at)
        started = StartedSessionSerializer(session).data
        return Response({**started, "is_new_session": is_new, "server_time": at})

    @docs.end
    @action(detail=False, methods=["post"], serializer_class=EndSessionSerializer)
    def end(self, request: Request) -> Response:
        values, at = _ends.run_validation(request.data), timezone.now()
        origin = {"source": source_of(request), "reporter": reporter_of(request)}
        outcome = end_session(learner=request.user, **values, **origin, at=at)
        return _answer(outcome, at, recognised_for_ever=True)

    @docs.sessions_progress
    @action(detail=False, filter_backends=[])
    def progress(self, request: Request) -> Response:
        at = timezone.now()
        mine = self.get_queryset().filter(learner=request.user)
        page = self.paginate_queryset(mine.ended().newest_first())
        answer = self.get_paginated_response(SessionSerializer(page, many=True).data)
        active = StartedSessionSerializer(mine.active(at).order_by("-start_time"), many=True).data
        answer.data = {"summary": sessions_summary(request.user, at), "active_sessions": active, **answer.data}
        return answer


class LevelProgressViewSet(GenericViewSet):
    queryset = Level.objects.visible().in_order()
    serializer_class = CompleteLevelSerializer
    filterset_class = LevelFilter
    page_limit = docs.LEVELS_ON_A_PAGE
    key_scopes = {"GET": "read", "POST": "track"}

    @docs.complete
    @action(detail=False, methods=["post"], filter_backends=[])
    def complete(self, request: Request) -> Response:
        at = timezone.now()
        claim, shift = _completions.read_claim(request.data, at)
        origin = {"source": source_of(request), "reporter": reporter_of(request)}
        outcome = complete_level(learner=request.user, claim=claim, **origin, at=at)
        answer = _answer(outcome, at, recognised_for_ever=claim.client_event_id is not None)
        answer.data["clock_shifted_by"] = int(shift.total_seconds())
        return answer

    @docs.levels_progress
    @action(detail=False, serializer_class=LevelsProgressSerializer)
    def progress(self, request: Request) -> Response:
        levels = self.filter_queryset(self.get_queryset().completable())
        page = progress_of(request.user, self.paginate_queryset(levels))
        answer = self.get_paginated_response(LevelProgressSerializer(page, many=True).data)
        summary = LevelsSummarySerializer(levels_summary(request.user, levels)).data
        answer.data = {"summary": summary, "levels": answer.data.pop("results"), **answer.data}
        return answer


def _answer(outcome: Outcome, at: datetime, *, recognised_for_ever: bool) -> Response:
    """Without an event id a repeat is recognised for some seconds only: its key has to be kept."""
    answer = Response({**outcome.answer, "is_new_completion": outcome.is_new, "server_time": at})
    return without_effect(answer) if recognised_for_ever and not outcome.is_new else answer
