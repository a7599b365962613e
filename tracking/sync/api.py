"""POST sync."""

from django.conf import settings
from django.urls import path
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from tracking.recording.answers import REWARD

from . import docs
from .batch import sync
from .events import Event, Status, Verdict
from .serializers import SyncSerializer, read_event

TOLD = [*REWARD.fields, "held"]


class SyncView(GenericAPIView):
    serializer_class = SyncSerializer
    body_limit = settings.SYNC_BODY_LIMIT

    @docs.sync
    def post(self, request):
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        at, events = timezone.now(), sent.validated_data["events"]
        readings = [_read(event, request.user) for event in events]
        verdicts = iter(sync(learner=request.user, events=[read for read in readings if _is_read(read)], at=at))
        results = [
            _result(event, next(verdicts) if _is_read(read) else Verdict(Status.REJECTED, problem=read))
            for event, read in zip(events, readings, strict=True)
        ]
        return Response({"results": results, "server_time": at})


def _read(sent, user) -> Event | ValidationError:
    try:
        return read_event(sent, user)
    except ValidationError as problem:
        return problem


def _is_read(reading: Event | ValidationError) -> bool:
    return isinstance(reading, Event)


def _result(sent, verdict: Verdict) -> dict:
    """The renderer turns a problem into words."""
    event_id = sent.get("client_event_id") if isinstance(sent, dict) else None
    result = {"client_event_id": event_id if isinstance(event_id, str) else None, "status": verdict.status}
    if verdict.problem:
        return {**result, "problem": verdict.problem}
    return {**result, **{name: verdict.answer[name] for name in TOLD}}


urlpatterns = [path("sync", SyncView.as_view(), name="sync")]
