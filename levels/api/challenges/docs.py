"""What the API's documentation says about challenges."""

from functools import partial

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema_view
from rest_framework.exceptions import PermissionDenied

from apidocs import operations
from approvals.answers import PENDING_EXAMPLE, PendingApprovalSerializer
from catalogues.preconditions import IF_MATCH
from levels.api import docs
from levels.api.editing import CONFIRMED
from levels.errors import LevelInUse, LevelNotFound

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
REQUEST = operations.request_example(NEW)
ANSWER = operations.answer_example(CHALLENGE)
SAVED = OpenApiExample("Answer", CHALLENGE, response_only=True, status_codes=["200", "201"])

documented = partial(operations.documented, "Challenges")

challenges = extend_schema_view(
    list=documented(
        "listChallenges",
        "List the challenges",
        "Levels of kind challenge. Staff who may change levels also see drafts.",
        examples=[ANSWER],
    ),
    retrieve=documented(
        "getChallenge",
        "Get a challenge",
        parameters=[CHALLENGE_ID],
        responses=ChallengeSerializer,
        raises=[LevelNotFound],
        etag=True,
        examples=[ANSWER],
    ),
)
add = documented(
    "createChallenge",
    "Add a challenge",
    "For staff with the permission `levels.add_level`. A full score (100) pays all of its `xp`, 70 is needed to pass. "
    f"{docs.WAITS}",
    responses={201: ChallengeSerializer, 202: PendingApprovalSerializer},
    raises=[PermissionDenied],
    etag=True,
    examples=[REQUEST, SAVED, PENDING_EXAMPLE],
)
change = documented(
    "updateChallenge",
    "Change a challenge",
    "For staff with the permission `levels.change_level`. What is left out stays; `level_id` never changes. "
    f"{docs.WAITS}",
    parameters=[CHALLENGE_ID, CONFIRMED, IF_MATCH],
    responses={200: ChallengeSerializer, 202: PendingApprovalSerializer},
    raises=docs.CHANGED,
    etag=True,
    examples=[REQUEST, SAVED, PENDING_EXAMPLE],
)
delete = documented(
    "deleteChallenge",
    "Delete a challenge",
    "For staff with the permission `levels.delete_level`. One that somebody has tried stays.",
    parameters=[CHALLENGE_ID, CONFIRMED, IF_MATCH],
    responses={204: None},
    raises=[*docs.CHANGED, LevelInUse],
)
