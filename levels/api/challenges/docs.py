"""What the API's documentation says about challenges."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view

from catalogues.preconditions import FAILED, IF_MATCH
from levels.api.docs import REQUIRED
from levels.api.editing import CONFIRMED

from .serializers import ChallengeSerializer

NEW = {
    "title": "Roman Numerals",
    "description": "Write a number as the Romans did.",
    "xp": 120,
    "difficulty": "medium",
    "tags": ["strings"],
    "published": True,
}
CHALLENGE = {
    "id": 14,
    "level_id": "roman-numerals",
    **NEW,
    "difficulty": "normal",
    "created_by": 2,
    "created_at": "2026-03-01T12:00:00Z",
}
CHALLENGE_ID = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="`id` or `level_id`")
IN_USE = OpenApiResponse(
    description="Learners have tried it (`level_in_use`), or other levels require it (`level_required`)."
)


def documented(summary, description="", *, examples=(), **options):
    return extend_schema(
        tags=["Challenges"], summary=summary, description=description, examples=list(examples), **options
    )


REQUEST = OpenApiExample("Request", NEW, request_only=True)
LISTED = OpenApiExample("A challenge", CHALLENGE, response_only=True)
ANSWER = OpenApiExample("Answer", {"success": True, **CHALLENGE}, response_only=True)

challenges = extend_schema_view(
    list=documented(
        "All challenges",
        "Levels of kind challenge. Staff who may change levels also see drafts.",
        examples=[LISTED],
    ),
    retrieve=documented("One challenge", parameters=[CHALLENGE_ID], responses=ChallengeSerializer, examples=[ANSWER]),
)
add = documented(
    "Add a challenge",
    "For staff with the permission `levels.add_level`. A full score (100) pays all of its `xp`, 70 is needed to pass.",
    responses={201: ChallengeSerializer},
    examples=[REQUEST, ANSWER],
)
change = documented(
    "Change a challenge",
    "For staff with the permission `levels.change_level`. What is left out stays; `level_id` never changes.",
    parameters=[CHALLENGE_ID, CONFIRMED, IF_MATCH],
    responses={200: ChallengeSerializer, 409: REQUIRED, 412: FAILED},
    examples=[REQUEST, ANSWER],
)
delete = documented(
    "Delete a challenge",
    "For staff with the permission `levels.delete_level`. One that somebody has tried stays.",
    parameters=[CHALLENGE_ID, CONFIRMED, IF_MATCH],
    responses={204: None, 409: IN_USE, 412: FAILED},
)
