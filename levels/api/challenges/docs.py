"""What the API's documentation says about challenges; the views say only what they do."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view

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
IN_USE = OpenApiResponse(description="`level_in_use`: learners have tried it; unpublish it instead.")


def documented(summary, description="", *, examples=(), **options):
    return extend_schema(
        tags=["Challenges"], summary=summary, description=description, examples=list(examples), **options
    )


SENT = OpenApiExample("Request", NEW, request_only=True)
LISTED = OpenApiExample("A challenge", CHALLENGE, response_only=True)
ANSWERED = OpenApiExample("Answer", {"success": True, **CHALLENGE}, response_only=True)

challenges = extend_schema_view(
    list=documented(
        "All challenges",
        "Levels of kind challenge. Staff who may change levels also see drafts.",
        examples=[LISTED],
    ),
    retrieve=documented("One challenge", parameters=[CHALLENGE_ID], examples=[ANSWERED]),
)
add = documented(
    "Add a challenge",
    "For staff with the permission `levels.add_level`. A full score (100) pays all of its `xp`, 70 is needed to pass.",
    responses={201: ChallengeSerializer},
    examples=[SENT, ANSWERED],
)
change = documented(
    "Change a challenge",
    "For staff with the permission `levels.change_level`. What is left out stays; `level_id` never changes.",
    parameters=[CHALLENGE_ID],
    responses=ChallengeSerializer,
    examples=[SENT, ANSWERED],
)
delete = documented(
    "Delete a challenge",
    "For staff with the permission `levels.delete_level`. One that somebody has tried stays.",
    parameters=[CHALLENGE_ID],
    responses={204: None, 409: IN_USE},
)
