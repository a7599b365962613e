"""POST sync."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import path
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from tracking.idempotency.keys import without_effect
from tracking.recording.trust import reporter_of

from . import docs
from .batch import sync
from .events import AnyEvent
from .results import RECORDED, rejected, result_of
from .serializers import MAX_EVENTS, SyncSerializer, read_event


class SyncView(GenericAPIView):
    serializer_class = SyncSerializer
    body_limit = settings.SYNC_BODY_LIMIT
    key_scopes = {"POST": "track"}

    def rate_limit_events(self, request: Request) -> int:
        """A batch that is too long is refused for its length."""
        events = request.data.get("events", [])
        return len(events) if len(events) <= MAX_EVENTS else 0

    @docs.sync
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        at, events = timezone.now(), serializer.validated_data["events"]
        shift = serializer.clock_shift(at)
        readings = [_read(event, request.user, shift) for event in events]
        new = [read for read in readings if _is_read(read)]
        verdicts = iter(sync(learner=request.user, events=new, at=at, reporter=reporter_of(request)))
        results = [
            result_of(event, next(verdicts), read.warnings) if _is_read(read) else rejected(event, read)
            for event, read in zip(events, readings, strict=True)
        ]
        answer = Response({"results": results, "server_time": at, "clock_shifted_by": int(shift.total_seconds())})
        # Its events are judged again when it is repeated, each recognised by its id.
        return answer if any(result["status"] in RECORDED for result in results) else without_effect(answer)


def _read(sent: Any, user: Any, shift: timedelta) -> AnyEvent | ValidationError:
    try:
        event = read_event(sent, user)
        return event.shifted(shift) if shift else event
    except ValidationError as problem:
        return problem


def _is_read(reading: AnyEvent | ValidationError) -> bool:
    return not isinstance(reading, ValidationError)


urlpatterns = [path("sync", SyncView.as_view(), name="sync")]
