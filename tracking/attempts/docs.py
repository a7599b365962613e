"""What the API's documentation says about attempts; the views say only what they do."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from gamification.api.docs import REWARD

from .serializers import AttemptSerializer, StartedAttemptSerializer, SubmittedAttemptSerializer

BEGAN, ENDED = "2026-03-01T11:58:00Z", "2026-03-01T12:00:00Z"
STARTED = {
    "id": 124,
    "challenge_id": 2,
    "status": "started",
    "score": None,
    "xp_awarded": 0,
    "started_at": BEGAN,
    "submitted_at": None,
}
PASSED = {**STARTED, "status": "passed", "score": 90, "xp_awarded": 90, "submitted_at": ENDED}
SUBMITTED = {
    **PASSED,
    "total_xp": 340,
    **REWARD,
    "awarded_xp": 90,
    "total_awarded_xp": 90,
    "xp_breakdown": [{"factor": "score", "value": 90}],
    "entries": [{"reason": "attempt_passed", "delta": 90, "balance_after": 340}],
    "held": False,
    "server_time": ENDED,
}
ATTEMPT_ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description="`id` of one of my attempts.")
NOT_FOUND = OpenApiResponse(description="`session_not_found`: no attempt of yours has this id.")


def sent(value):
    return OpenApiExample("Request", value, request_only=True)


def answered(value):
    return OpenApiExample("Answer", value, response_only=True)


def documented(summary, description="", **options):
    return extend_schema(tags=["Challenges"], summary=summary, description=description, **options)


start = documented(
    "Start an attempt at a challenge",
    "An attempt is a session on a level of kind challenge. Starting again within 5 s gives the same attempt; later, or "
    "with an `Idempotency-Key`, a new one, and the older one is abandoned.",
    responses={
        201: StartedAttemptSerializer,
        400: OpenApiResponse(description="`unknown_level`: there is no such challenge, or it is not published."),
        403: OpenApiResponse(description="`level_locked` (with `missing`) or `tracking_disabled`."),
    },
    examples=[sent({"challenge_id": 2}), answered({"success": True, **STARTED, "server_time": BEGAN})],
)
mine = documented("My attempts, newest first", responses=AttemptSerializer(many=True), examples=[answered(PASSED)])
one = documented(
    "One of my attempts",
    parameters=[ATTEMPT_ID],
    responses={200: AttemptSerializer, 404: NOT_FOUND},
    examples=[answered({"success": True, **PASSED})],
)
submit = documented(
    "Submit an attempt; paid once, however often it is sent",
    "Submitting it again with the same score gives the first answer. A failed attempt takes nothing away.",
    parameters=[ATTEMPT_ID],
    responses={
        200: SubmittedAttemptSerializer,
        403: OpenApiResponse(description="`tracking_disabled`."),
        404: NOT_FOUND,
        409: OpenApiResponse(
            description="`session_already_ended` (with another score) or `session_abandoned`: another attempt at this "
            "challenge was started, or this one was open for more than 24 h."
        ),
    },
    examples=[sent({"score": 90, "metadata": {"hints_used": 0}}), answered({"success": True, **SUBMITTED})],
)
