"""What the API's documentation says about the batch."""

from drf_spectacular.utils import extend_schema

from gamification.api.docs import REWARD
from tracking.recording.examples import ENDED, EVENT, LAST_30_DAYS, answered, problems, sent

from .serializers import MAX_EVENTS, SyncAnswerSerializer

COMPLETION_EVENT = {"type": "level_completion", **EVENT, "occurred_at": ENDED}
SESSION_EVENT = {
    "type": "session",
    "client_event_id": "0190f3c2-7a11-7d44-8a52-1f0d7e3c9b20",
    "level_id": "level-1",
    "start_time": "2026-02-28T09:15:00Z",
    "time_spent": 300,
    "score": 700,
}
REJECTED = {
    "type": "/problems/clock_out_of_range",
    "title": "Clock out of range",
    "status": 400,
    "detail": "occurred_at may lie at most 30 days back and 5 minutes ahead.",
    "success": False,
    "code": "clock_out_of_range",
    "request_id": "0c6c5d1f5a4b4b0f9d2c7a1e8f3b6d90",
}

sync = extend_schema(
    tags=["Offline"],
    summary="Tell what happened while the client was offline",
    description=(
        f"At most {MAX_EVENTS} events and 1 MiB. Each is judged by itself: `created`, `replayed` (told before, with "
        "the first answer), `held` (implausible, for staff to decide) or `rejected` with its `problem`. Send the batch "
        "again after any error: nothing is paid twice. Events count when they happened; those that open levels for "
        "others of the batch come first, so `new_total_xp` grows in that order, not in the order sent."
    ),
    responses={
        200: SyncAnswerSerializer,
        403: problems("`tracking_disabled`, and something in the batch is new. Keep it and try again later."),
    },
    examples=[
        sent({"events": [{"type": "level_completion", **EVENT}]}, "A completion that happened just now"),
        sent({"events": [COMPLETION_EVENT, SESSION_EVENT]}, "After a journey", LAST_30_DAYS),
        answered(
            {
                "results": [
                    {"client_event_id": EVENT["client_event_id"], "status": "created", **REWARD, "held": False},
                    {
                        "client_event_id": SESSION_EVENT["client_event_id"],
                        "status": "rejected",
                        "problem": REJECTED,
                    },
                ],
                "server_time": ENDED,
            }
        ),
    ],
)
