"""What the API's documentation says about batches of many learners."""

from apidocs.operations import answer_example, documented, request_example
from gamification.api.docs import REWARD
from tracking.recording.examples import ENDED, EVENT, LAST_30_DAYS
from tracking.sync.docs import COMPLETION_EVENT, SESSION_EVENT

from .events_serializers import MAX_EVENTS, EventsAnswerSerializer

FIRST, SECOND = {"external_id": "player-1"}, {"external_id": "player-2", "time_zone": "Asia/Jakarta"}
CHECK_IN = {"type": "check_in", "client_event_id": "0190f3c2-7b42-7c19-9d0e-3f2a1b4c5d6e"}
NOT_FOUND = {
    "type": "/problems/learner_not_found",
    "title": "Learner not found",
    "status": 404,
    "detail": "There is no such learner.",
    "success": False,
    "code": "learner_not_found",
    "request_id": "0c6c5d1f5a4b4b0f9d2c7a1e8f3b6d90",
}

events = documented(
    "Events",
    "recordEvents",
    "Report what many learners did",
    f"At most {MAX_EVENTS} events and 2 MiB, for server keys with the scope `track`; with `create_learners` the key "
    "needs the scope `learners` too, else nothing is recorded (403 `scope_missing`). Each event names its learner and "
    "is judged by itself: `created`, `replayed` (sent before, with the first answer), `held` (it needs another result, "
    "about which staff have yet to decide) or `rejected` with its `problem`; the others are recorded all the same. The "
    "events of a learner are applied in the order in which they happened. Send the batch again after any error: "
    "nothing is paid twice. Results are `verified`, and no limit of plausibility applies to them. Each event counts "
    "towards the key's limit of events; a batch of more than are left is refused whole (429).",
    responses=EventsAnswerSerializer,
    examples=[
        request_example(
            {
                "create_learners": True,
                "events": [
                    {"learner": FIRST, "type": "level_completion", **EVENT},
                    {"learner": SECOND, **CHECK_IN},
                ],
            },
            "What happened just now",
        ),
        request_example(
            {"events": [{"learner": FIRST, **COMPLETION_EVENT}, {"learner": SECOND, **SESSION_EVENT}]},
            "After an outage",
            LAST_30_DAYS,
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
                        "warnings": [],
                        "metric": None,
                    },
                    {
                        "client_event_id": CHECK_IN["client_event_id"],
                        "status": "rejected",
                        "problem": NOT_FOUND,
                    },
                ],
                "server_time": ENDED,
                "clock_shifted_by": 0,
            }
        ),
    ],
)
