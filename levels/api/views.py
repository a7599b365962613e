from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from levels.approvals import save_or_request
from levels.models import Level, LevelQuerySet
from levels.prerequisites import lock_prerequisites

from . import docs
from .editing import LevelEditingViewSet
from .filters import LevelFilter
from .serializers import LevelSerializer, SaveLevelSerializer


@docs.levels
class LevelViewSet(LevelEditingViewSet):
    queryset = Level.objects.all()
    serializer_class = LevelSerializer
    filterset_class = LevelFilter
    # Browsers may store answers and revalidate them by ETag; shared caches may not, since staff see drafts.
    cache_control = "private, no-cache"

    def get_queryset(self) -> LevelQuerySet:
        levels = Level.objects.visible_to(self.request.user).in_order()
        return levels.with_question_count().prefetch_related("prerequisites")

    def find(self, levels: LevelQuerySet) -> LevelQuerySet:
        return levels.named(self.kwargs["id"])

    def get_serializer_class(self) -> type[BaseSerializer[Level]]:
        return SaveLevelSerializer if self.request.method in {"POST", "PUT", "PATCH"} else LevelSerializer

    @docs.add
    def create(self, request: Request) -> Response:
        return self._save(Level(created_by_id=request.user.pk))

    @docs.change
    @transaction.atomic
    def update(self, *_: Any, **__: Any) -> Response:
        return self._change()

    @docs.change_parts
    @transaction.atomic
    def partial_update(self, *_: Any, **__: Any) -> Response:
        return self._change(partial=True)

    @docs.delete
    @transaction.atomic
    def destroy(self, request: Request, **_: Any) -> Response:
        return self.delete_object(request)

    def _change(self, *, partial: bool = False) -> Response:
        if "prerequisites" in self.request.data:
            lock_prerequisites()
        return self._save(self.locked_object(), partial=partial)

    def _save(self, level: Level, *, partial: bool = False) -> Response:
        confirmed = self.is_confirmed(self.request)
        serializer = self.get_serializer(data=self.request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        prerequisites = fields.pop("prerequisites", None)
        edit = {"fields": fields, "prerequisites": prerequisites, "confirmed": confirmed}
        return self.answer_edit(save_or_request(level=level, actor=self.request.user, at=timezone.now(), **edit))
