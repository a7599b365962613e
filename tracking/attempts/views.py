from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from tracking.errors import SessionNotFound
from tracking.models import LearningSession, SessionQuerySet
from tracking.recording.services import submit_attempt
from tracking.recording.sources import source_of
from tracking.recording.trust import reporter_of

from . import docs
from .serializers import AttemptSerializer, StartAttemptSerializer, SubmitAttemptSerializer
from .services import attempt_of, start_attempt, submitted_answer


class AttemptViewSet(GenericViewSet):
    queryset = LearningSession.objects.attempts().select_related("completion").order_by("-pk")
    serializer_class = AttemptSerializer
    filter_backends = []
    lookup_url_kwarg = "id"
    # 18 digits: every id, and no number that a database would stumble over.
    lookup_value_regex = "[0-9]{1,18}"
    key_scopes = {"GET": "read", "POST": "track"}

    def get_queryset(self) -> SessionQuerySet:
        return super().get_queryset().filter(learner=self.request.user)

    def get_serializer_class(self) -> type[BaseSerializer]:
        return StartAttemptSerializer if self.action == "create" else super().get_serializer_class()

    @docs.start
    def create(self, request: Request) -> Response:
        data, at = self._validated(request), timezone.now()
        resume = "Idempotency-Key" not in request.headers
        session = start_attempt(learner=request.user, challenge=data["challenge_id"], resume=resume, at=at)
        return Response({**_attempt_data(session, at), "server_time": at}, status=201)

    @docs.mine
    def list(self, *_: Any) -> Response:
        at = timezone.now()
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response([_attempt_data(session, at) for session in page])

    @docs.one
    def retrieve(self, *_: Any, id: int) -> Response:  # noqa: A002 - the name of the path's part
        session = self.get_queryset().filter(pk=id).first()
        if session is None:
            raise SessionNotFound
        return Response(_attempt_data(session, timezone.now()))

    @docs.submit
    @action(detail=True, methods=["post"], serializer_class=SubmitAttemptSerializer)
    def submit(self, request: Request, id: int) -> Response:  # noqa: A002 - the name of the path's part
        data, at = self._validated(request), timezone.now()
        origin = {"source": source_of(request), "reporter": reporter_of(request)}
        completion = submit_attempt(learner=request.user, attempt_id=id, **data, **origin, at=at)
        return Response({**_attempt_data(completion.session, at), **submitted_answer(completion), "server_time": at})

    def _validated(self, request: Request) -> dict:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


def _attempt_data(session: LearningSession, at: datetime) -> dict:
    return AttemptSerializer(attempt_of(session, at=at)).data
