from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from levels.api.permissions import StaffMayEdit
from levels.challenges import new_challenge, save_challenge
from levels.errors import LevelNotFound
from levels.models import Level
from levels.services import delete_level

from . import docs
from .filters import ChallengeFilter
from .serializers import ChallengeSerializer, SaveChallengeSerializer


@docs.challenges
class ChallengeViewSet(ReadOnlyModelViewSet):
    queryset = Level.objects.challenges()
    serializer_class = ChallengeSerializer
    permission_classes = [StaffMayEdit]
    filterset_class = ChallengeFilter
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.user).in_order()

    def get_object(self):
        challenge = self.get_queryset().identified(self.kwargs["id"]).first()
        if challenge is None:
            raise LevelNotFound
        return challenge

    def get_serializer_class(self):
        return SaveChallengeSerializer if self.request.method in {"POST", "PUT"} else super().get_serializer_class()

    @docs.add
    def create(self, request):
        return Response(self._save(new_challenge(created_by=request.user)), status=201)

    @docs.change
    def update(self, *_, **__):
        return Response(self._save(self.get_object()))

    @docs.delete
    def destroy(self, *_, **__):
        delete_level(level=self.get_object())
        return Response(status=204)

    def _save(self, level):
        asked = self.get_serializer(data=self.request.data)
        asked.is_valid(raise_exception=True)
        return ChallengeSerializer(save_challenge(level=level, fields=asked.validated_data)).data
