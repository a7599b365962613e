from django.utils import timezone
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from tracking.recording.sources import source_of
from tracking.recording.trust import reporter_of

from . import docs
from .serializers import SubmitTrainingSerializer, TrainingPathSerializer
from .services import path_of, submit_training


class TrainingPathView(GenericAPIView):
    serializer_class = TrainingPathSerializer
    key_scopes = {"GET": "read"}

    @docs.path
    def get(self, request: Request, category: str) -> Response:
        return Response(self.get_serializer(path_of(request.user, category)).data)


class SubmitTrainingView(GenericAPIView):
    serializer_class = SubmitTrainingSerializer
    key_scopes = {"POST": "track"}

    @docs.submit
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        at = timezone.now()
        origin = {"source": source_of(request), "reporter": reporter_of(request)}
        answer = submit_training(learner=request.user, result=serializer.result, **origin, at=at)
        return Response({**answer, "server_time": at})
