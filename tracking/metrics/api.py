"""POST metrics/{metric_id}/events."""

from django.urls import path
from django.utils import timezone
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from tracking.idempotency.keys import without_effect
from tracking.recording.sources import source_of
from tracking.recording.trust import reporter_of

from . import docs
from .serializers import MetricEventSerializer
from .services import record_metric


class MetricEventView(GenericAPIView):
    serializer_class = MetricEventSerializer
    key_scopes = {"POST": "track"}

    @docs.record
    def post(self, request: Request, metric_id: str) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        at = timezone.now()
        shift = serializer.clock_shift(at)
        origin = {"source": source_of(request), "reporter": reporter_of(request)}
        outcome = record_metric(learner=request.user, claim=serializer.claim(metric_id, shift), **origin, at=at)
        times = {"server_time": at, "clock_shifted_by": int(shift.total_seconds())}
        answer = Response({**outcome.answer, "is_new_event": outcome.is_new, **times})
        return answer if outcome.is_new else without_effect(answer)


urlpatterns = [path("metrics/<slug:metric_id>/events", MetricEventView.as_view(), name="metric-events")]
