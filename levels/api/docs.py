"""What the API's documentation says about levels."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)

from catalogues.preconditions import FAILED, IF_MATCH

from .editing import CONFIRMED
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
REQUIRED = OpenApiResponse(description="Other levels require it (`level_required`, with `required_by`).")
IN_USE = OpenApiResponse(
    description="Learners have played it (`level_in_use`), or other levels require it (`level_required`)."
)
CHANGED = {200: LevelSerializer, 409: REQUIRED, 412: FAILED}


def documented(summary: str, description: str = "", **options: Any) -> Callable[..., Any]:
    return extend_schema(summary=summary, description=description, tags=["Levels"], **options)


levels = extend_schema_view(
    list=documented(
        "The catalogue",
        "Levels with a number first, then by category, unit and position. Takes `If-None-Match`.",
        examples=[PAGE_EXAMPLE],
    ),
    retrieve=documented("One level", parameters=[LEVEL_ID], responses=LevelSerializer, examples=[LEVEL_EXAMPLE]),
)
add = documented(
    "Add a level",
    "For staff with the permission `levels.add_level`.",
    request=SaveLevelSerializer,
    responses={200: LevelSerializer},
    examples=[SAVE_EXAMPLE, LEVEL_EXAMPLE],
)
change = documented(
    "Change a level",
    "For staff with the permission `levels.change_level`. What is left out stays; `level_id` never changes.",
    parameters=[LEVEL_ID, CONFIRMED, IF_MATCH],
    request=SaveLevelSerializer,
    responses=CHANGED,
    examples=[SAVE_EXAMPLE, LEVEL_EXAMPLE],
)
change_parts = documented(
    "Change parts of a level",
    "For staff with the permission `levels.change_level`.",
    parameters=[LEVEL_ID, CONFIRMED, IF_MATCH],
    request=SaveLevelSerializer,
    responses=CHANGED,
    examples=[CHANGE_EXAMPLE, LEVEL_EXAMPLE],
)
delete = documented(
    "Delete a level",
    "For staff with the permission `levels.delete_level`. A level that was played stays: 409 `level_in_use`.",
    parameters=[LEVEL_ID, CONFIRMED, IF_MATCH],
    responses={204: None, 409: IN_USE, 412: FAILED},
)
