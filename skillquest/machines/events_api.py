"""POST events."""

from django.conf import settings
from django.urls import path
from django.utils import timezone
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apidocs.server_keys import LearnerHeader, OnlyServerKeys, Scope

from . import events_docs
from .errors import ScopeMissing
from .events import record_events
from .events_serializers import MAX_EVENTS, EventsSerializer


class EventsView(GenericAPIView):
    serializer_class = EventsSerializer
    permission_classes = [OnlyServerKeys]
    body_limit = settings.EVENTS_BODY_LIMIT
    key_scopes = {"POST": "track"}
    learner_in_header = LearnerHeader.UNUSED

    def rate_limit_events(self, request: Request) -> int:
        """A batch that is too long is refused for its length."""
        events = request.data.get("events", [])
        return len(events) if len(events) <= MAX_EVENTS else 0

    @events_docs.events
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        at, data = timezone.now(), serializer.validated_data
        if data["create_learners"] and Scope.LEARNERS not in request.auth.scopes:
            raise ScopeMissing(Scope.LEARNERS)
        shift = serializer.clock_shift(at)
        results = record_events(
            data["events"], key=request.auth, create_learners=data["create_learners"], shift=shift, at=at
        )
        return Response({"results": results, "server_time": at, "clock_shifted_by": int(shift.total_seconds())})


urlpatterns = [path("events", EventsView.as_view(), name="events")]
