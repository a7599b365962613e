from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from levels.errors import LevelNotFound
from levels.models import Level
from levels.services import delete_level, save_level

from .filters import LevelFilter
from .permissions import StaffMayEdit
from .serializers import LevelSerializer, SaveLevelSerializer

LEVEL = {
    "level_id": "level-1",
    "number": 1,
    "name": "The Misinformation Maze",
    "description": "Tell real news from fake before an election is swayed.",
    "category": "Information Literacy",
    "unit": "",
    "position": 1,
    "kind": "simulation",
    "icon": "bi-newspaper",
    "estimated_time": "15 minutes",
    "expected_time_seconds": 900,
    "xp_reward": 100,
    "xp_rule": "formula",
    "repeat_policy": "improvement",
    "difficulty": "easy",
    "max_score": 1000,
    "pass_score": 0,
    "skills": ["Critical Thinking", "Source Verification", "Fact Checking"],
    "tags": [],
    "prerequisites": [],
    "unlocked": True,
    "coming_soon": False,
    "published": True,
    "metadata": {},
    "created_by": None,
    "created_at": "2026-11-20T03:00:00Z",
    "updated_at": "2026-11-20T03:00:00Z",
}
PAGE_EXAMPLE = OpenApiExample("A level", response_only=True, value=LEVEL)
LEVEL_EXAMPLE = OpenApiExample("A level", response_only=True, value={"success": True, **LEVEL})
SAVE_EXAMPLE = OpenApiExample(
    "A new level",
    request_only=True,
    value={
        "level_id": "level-6",
        "name": "The Last Backup",
        "category": "Resilience",
        "difficulty": "medium",
        "xp_reward": 300,
        "prerequisites": ["level-5"],
    },
)
CHANGE_EXAMPLE = OpenApiExample("A change", request_only=True, value={"coming_soon": True})
LEVEL_ID = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="level_id or number")
ANSWER = {200: LevelSerializer}
IN_USE = OpenApiResponse(description="Learners have played the level (`level_in_use`).")


def documented(summary, description="", **options):
    return extend_schema(summary=summary, description=description, tags=["Levels"], **options)


@extend_schema_view(
    list=documented(
        "The catalogue",
        "Levels with a number first, then by category, unit and position. Takes `If-None-Match`.",
        examples=[PAGE_EXAMPLE],
    ),
    retrieve=documented("One level", parameters=[LEVEL_ID], responses=ANSWER, examples=[LEVEL_EXAMPLE]),
)
class LevelViewSet(ReadOnlyModelViewSet):
    queryset = Level.objects.all()
    serializer_class = LevelSerializer
    permission_classes = [StaffMayEdit]
    filterset_class = LevelFilter
    # Browsers may keep it and ask whether it is still so (ETag); others' caches may not: staff see drafts.
    cache_control = "private, no-cache"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"

    def get_queryset(self):
        return Level.objects.visible_to(self.request.user).in_order().prefetch_related("prerequisites")

    def get_object(self):
        level = self.get_queryset().named(self.kwargs["id"]).first()
        if level is None:
            raise LevelNotFound
        return level

    def get_serializer_class(self):
        return SaveLevelSerializer if self.request.method in {"POST", "PUT", "PATCH"} else LevelSerializer

    @documented(
        "Add a level",
        "For staff with the permission `levels.add_level`.",
        request=SaveLevelSerializer,
        responses=ANSWER,
        examples=[SAVE_EXAMPLE, LEVEL_EXAMPLE],
    )
    def create(self, request):
        return self._save(Level(created_by=request.user))

    @documented(
        "Change a level",
        "For staff with the permission `levels.change_level`. What is left out stays; `level_id` never changes.",
        parameters=[LEVEL_ID],
        request=SaveLevelSerializer,
        responses=ANSWER,
        examples=[SAVE_EXAMPLE, LEVEL_EXAMPLE],
    )
    def update(self, *_, **__):
        return self._save(self.get_object())

    @documented(
        "Change parts of a level",
        "For staff with the permission `levels.change_level`.",
        parameters=[LEVEL_ID],
        request=SaveLevelSerializer,
        responses=ANSWER,
        examples=[CHANGE_EXAMPLE, LEVEL_EXAMPLE],
    )
    def partial_update(self, *_, **__):
        return self._save(self.get_object(), partial=True)

    @documented(
        "Delete a level",
        "For staff with the permission `levels.delete_level`. A level that was played stays: 409 `level_in_use`.",
        parameters=[LEVEL_ID],
        responses={204: None, 409: IN_USE},
    )
    def destroy(self, *_, **__):
        delete_level(level=self.get_object())
        return Response(status=204)

    def _save(self, level, *, partial=False):
        asked = self.get_serializer(data=self.request.data, partial=partial)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        level = save_level(level=level, prerequisites=fields.pop("prerequisites", None), fields=fields)
        return Response(LevelSerializer(level).data)
