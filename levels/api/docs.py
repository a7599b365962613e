"""What the API's documentation says about levels."""

from functools import partial

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema_view
from rest_framework.exceptions import PermissionDenied

from apidocs import operations
from approvals.answers import PENDING_EXAMPLE, PendingApprovalSerializer
from catalogues.preconditions import IF_MATCH, PreconditionFailed
from levels.errors import LevelInUse, LevelNotFound, LevelRequired
from levels.models import Level

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
    "questions_per_play": 10,
    "pass_percent": 60,
    "verified_only": False,
    "skills": ["Critical Thinking", "Source Verification", "Fact Checking"],
    "tags": [],
    "prerequisites": [],
    "unlocked": True,
    "coming_soon": False,
    "published": True,
    "metadata": {},
    "question_count": 24,
    "created_by": None,
    "created_at": "2026-11-20T03:00:00Z",
    "updated_at": "2026-11-20T03:00:00Z",
}
SAVE = {
    "level_id": "level-6",
    "name": "The Last Backup",
    "category": "Resilience",
    "difficulty": "medium",
    "xp_reward": 300,
    "prerequisites": ["level-5"],
}
LEVEL_EXAMPLE = operations.answer_example(LEVEL, "A level")
SAVED_EXAMPLE = OpenApiExample("A level", LEVEL, response_only=True, status_codes=["200"])
SAVE_EXAMPLE = operations.request_example(SAVE, "A new level")
CHANGE_EXAMPLE = operations.request_example({"coming_soon": True}, "A change")
LEVEL_ID = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="level_id or number")
REQUIRED = LevelRequired([Level(level_id="level-7", name="The Last Restore")])
WAITS = (
    "A reward that is raised above `XP_APPROVAL_ABOVE` (1 000 XP) or the repeat policy `full` takes two people: then "
    "the whole request waits until a second one approves it (202)."
)
CHANGED: list[operations.Problem] = [PermissionDenied, LevelNotFound, REQUIRED, PreconditionFailed]

documented = partial(operations.documented, "Levels")

levels = extend_schema_view(
    list=documented(
        "listLevels",
        "List the levels",
        "Levels with a number first, then by category, unit and position.",
        etag=True,
        examples=[LEVEL_EXAMPLE],
    ),
    retrieve=documented(
        "getLevel",
        "Get a level",
        parameters=[LEVEL_ID],
        responses=LevelSerializer,
        raises=[LevelNotFound],
        etag=True,
        examples=[LEVEL_EXAMPLE],
    ),
)
add = documented(
    "createLevel",
    "Add a level",
    f"For staff with the permission `levels.add_level`. {WAITS}",
    request=SaveLevelSerializer,
    responses={200: LevelSerializer, 202: PendingApprovalSerializer},
    raises=[PermissionDenied],
    etag=True,
    examples=[SAVE_EXAMPLE, SAVED_EXAMPLE, PENDING_EXAMPLE],
)
change = documented(
    "saveLevel",
    "Change a level",
    f"For staff with the permission `levels.change_level`. What is left out stays; `level_id` never changes. {WAITS}",
    parameters=[LEVEL_ID, CONFIRMED, IF_MATCH],
    request=SaveLevelSerializer,
    responses={200: LevelSerializer, 202: PendingApprovalSerializer},
    raises=CHANGED,
    etag=True,
    examples=[SAVE_EXAMPLE, SAVED_EXAMPLE, PENDING_EXAMPLE],
)
change_parts = documented(
    "updateLevel",
    "Change parts of a level",
    f"For staff with the permission `levels.change_level`. {WAITS}",
    parameters=[LEVEL_ID, CONFIRMED, IF_MATCH],
    request=SaveLevelSerializer,
    responses={200: LevelSerializer, 202: PendingApprovalSerializer},
    raises=CHANGED,
    etag=True,
    examples=[CHANGE_EXAMPLE, SAVED_EXAMPLE, PENDING_EXAMPLE],
)
delete = documented(
    "deleteLevel",
    "Delete a level",
    "For staff with the permission `levels.delete_level`. A level that was played stays.",
    parameters=[LEVEL_ID, CONFIRMED, IF_MATCH],
    responses={204: None},
    raises=[*CHANGED, LevelInUse],
)
