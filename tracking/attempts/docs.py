"""What the API's documentation says about attempts."""

from drf_spectacular.utils import OpenApiParameter

from apidocs.operations import answer_example, documented, request_example
from gamification.api.docs import REWARD
from tracking.errors import SessionAbandoned, SessionAlreadyEnded, SessionNotFound, TrackingDisabled, VerifiedOnly
from tracking.recording.examples import BEGAN, ENDED, NOT_RECORDED

from .serializers import AttemptSerializer, StartedAttemptSerializer, SubmittedAttemptSerializer

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
    "held_reason": None,
    "server_time": ENDED,
}
ATTEMPT_ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description="`id` of one of my attempts.")

start = documented(
    "Challenges",
    "startAttempt",
    "Start an attempt at a challenge",
    "An attempt is a session on a level of kind challenge. Starting again within 5 s gives the same attempt; later, or "
    "with an `Idempotency-Key`, a new one, and the older one is abandoned.",
    responses={201: StartedAttemptSerializer},
    raises=NOT_RECORDED,
    examples=[request_example({"challenge_id": 2}), answer_example({**STARTED, "server_time": BEGAN})],
)
mine = documented(
    "Challenges",
    "listMyAttempts",
    "List my attempts, newest first",
    responses=AttemptSerializer(many=True),
    examples=[answer_example(PASSED)],
)
one = documented(
    "Challenges",
    "getAttempt",
    "Get one of my attempts",
    parameters=[ATTEMPT_ID],
    responses=AttemptSerializer,
    raises=[SessionNotFound],
    examples=[answer_example(PASSED)],
)
submit = documented(
    "Challenges",
    "submitAttempt",
    "Submit an attempt; paid once, however often it is sent",
    "Submitting it again with the same score gives the first answer. A failed attempt takes nothing away.",
    parameters=[ATTEMPT_ID],
    responses=SubmittedAttemptSerializer,
    raises=[TrackingDisabled, VerifiedOnly, SessionNotFound, SessionAlreadyEnded, SessionAbandoned],
    examples=[request_example({"score": 90, "metadata": {"hints_used": 0}}), answer_example(SUBMITTED)],
)
