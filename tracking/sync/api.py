"""POST sync."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import path
from django.utils import timezone
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from tracking.idempotency.keys import without_effect
from tracking.recording.answers import REWARD
from tracking.recording.metadata import ValueWarning
from tracking.recording.trust import reporter_of

from . import docs
from .batch import sync
from .events import Event, Status, Verdict
from .serializers import MAX_EVENTS, SyncSerializer, read_event

RECORDED = {Status.CREATED, Status.HELD}
REWARD_FIELDS = [*REWARD.fields, "held", "held_reason"]
LONGEST_EVENT_ID = 100  # characters; more than any spelling of a UUID, and what is longer is not repeated


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
            _result(event, next(verdicts), read.warnings) if _is_read(read) else _rejected(event, read)
            for event, read in zip(events, readings, strict=True)
        ]
        answer = Response({"results": results, "server_time": at, "clock_shifted_by": int(shift.total_seconds())})
        # Its events are judged again when it is repeated, each recognised by its id.
        return answer if any(result["status"] in RECORDED for result in results) else without_effect(answer)


def _read(sent: Any, user: Any, shift: timedelta) -> Event | ValidationError:
    try:
        event = read_event(sent, user)
        return event.shifted(shift) if shift else event
    except ValidationError as problem:
        return problem


def _is_read(reading: Event | ValidationError) -> bool:
    return isinstance(reading, Event)


def _result(event: dict, verdict: Verdict, warnings: tuple[ValueWarning, ...]) -> dict:
    if verdict.problem:
        return _rejected(event, verdict.problem)
    result = {"client_event_id": event["client_event_id"], "status": verdict.status}
    reward = {name: verdict.answer[name] for name in REWARD_FIELDS}
    return {**result, **reward, "warnings": [asdict(warning) for warning in warnings]}


def _rejected(event: Any, problem: APIException) -> dict:
    """The renderer makes an answer of the problem."""
    event_id = event.get("client_event_id") if isinstance(event, dict) else None
    event_id = event_id if isinstance(event_id, str) and len(event_id) <= LONGEST_EVENT_ID else None
    return {"client_event_id": event_id, "status": Status.REJECTED, "problem": problem}


urlpatterns = [path("sync", SyncView.as_view(), name="sync")]
