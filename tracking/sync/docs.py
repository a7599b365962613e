"""What the API's documentation says about the batch."""

from apidocs.operations import answer_example, documented, request_example
from gamification.api.docs import REWARD
from tracking.errors import TrackingDisabled
from tracking.plays.docs import PLAY, QUESTION_ID, RIGHT
from tracking.recording.examples import BEGAN, ENDED, EVENT, LAST_30_DAYS

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
PLAY_EVENT = {
    "type": "play",
    "client_event_id": "0190f3c2-7c55-7b02-b6aa-5c8e1d2f3a40",
    "session_id": PLAY["session_id"],
    "answers": [
        {"question_id": QUESTION_ID, "answer": RIGHT, "answered_at": BEGAN},
        {"question_id": "level-3-macros", "answer": True, "answered_at": ENDED},
    ],
}
WARNING = {
    "field": "metadata.words_learned",
    "detail": "Must be a whole number from 0 to 500. It was cut to 500.",
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

sync = documented(
    "Offline",
    "syncEvents",
    "Send what happened while the client was offline",
    f"At most {MAX_EVENTS} events and 1 MiB. Each is judged by itself: `created`, `replayed` (sent before, with the "
    "first answer), `held` (implausible, for staff to decide) or `rejected` with its `problem`. Send the batch again "
    "after any error: nothing is paid twice. Events count when they happened; those that open levels for others of the "
    "batch come first, so `new_total_xp` grows in that order, not in the order sent. The events of a learner are "
    "limited too, to 2 000 in ten minutes by default: a batch of more than are left is refused whole (429).",
    responses=SyncAnswerSerializer,
    raises=[TrackingDisabled("Something in the batch is new. Keep it and try again later.", "tracking_disabled")],
    examples=[
        request_example({"events": [{"type": "level_completion", **EVENT}]}, "A completion that happened just now"),
        request_example({"events": [COMPLETION_EVENT, SESSION_EVENT]}, "After a time offline", LAST_30_DAYS),
        request_example(
            {"events": [PLAY_EVENT]},
            "A play that began online and was finished offline",
            "Put the `session_id` and questions of your play, and moments of the last 30 days, in place of these.",
        ),
        answer_example(
            {
                "results": [
                    {
                        "client_event_id": EVENT["client_event_id"],
                        "status": "created",
                        **REWARD,
                        "held": False,
                        "held_reason": None,
                        "warnings": [WARNING],
                    },
                    {
                        "client_event_id": SESSION_EVENT["client_event_id"],
                        "status": "rejected",
                        "problem": REJECTED,
                    },
                ],
                "server_time": ENDED,
                "clock_shifted_by": 0,
            }
        ),
    ],
)
