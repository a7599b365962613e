from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from levels.api.editing import LevelEditingViewSet
from levels.challenges import new_challenge, save_challenge
from levels.models import Level, LevelQuerySet

from . import docs
from .filters import ChallengeFilter
from .serializers import ChallengeSerializer, SaveChallengeSerializer


@docs.challenges
class ChallengeViewSet(LevelEditingViewSet):
    queryset = Level.objects.all()
    serializer_class = ChallengeSerializer
    filterset_class = ChallengeFilter

    def get_queryset(self) -> LevelQuerySet:
        return Level.objects.challenges().visible_to(self.request.user).in_order()

    def find(self, levels: LevelQuerySet) -> LevelQuerySet:
        return levels.identified(self.kwargs["id"])

    def get_serializer_class(self) -> type[BaseSerializer[Level]]:
        return SaveChallengeSerializer if self.request.method in {"POST", "PUT"} else super().get_serializer_class()

    @docs.add
    def create(self, request: Request) -> Response:
        return self._save(new_challenge(created_by_id=request.user.pk), status=201)

    @docs.change
    @transaction.atomic
    def update(self, *_: Any, **__: Any) -> Response:
        return self._save(self.locked_object(), status=200)

    @docs.delete
    @transaction.atomic
    def destroy(self, request: Request, **_: Any) -> Response:
        return self.delete_object(request)

    def _save(self, level: Level, *, status: int) -> Response:
        confirmed = self.is_confirmed(self.request)
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        saved = save_challenge(
            level=level,
            fields=serializer.validated_data,
            confirmed=confirmed,
            actor=self.request.user,
            at=timezone.now(),
        )
        return self.answer_edit(saved, status=status)
