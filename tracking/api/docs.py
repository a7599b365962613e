"""What the API's documentation says about sessions and completions."""

from drf_spectacular.utils import OpenApiParameter

from apidocs.operations import answer_example, documented, request_example
from gamification.api.docs import REWARD
from tracking.errors import (
    ClockOutOfRange,
    EventIdReused,
    SessionAbandoned,
    SessionAlreadyEnded,
    SessionIsPlay,
    SessionNotFound,
    TrackingDisabled,
    VerifiedOnly,
)
from tracking.progress.serializers import LevelsProgressSerializer, SessionsProgressSerializer
from tracking.recording.examples import BEGAN, ENDED, EVENT, LAST_30_DAYS, NOT_RECORDED
from tracking.recording.serializers import (
    CompleteAnswerSerializer,
    EndAnswerSerializer,
    StartAnswerSerializer,
)

SESSION = {
    "session_id": 123,
    "session_name": "The Misinformation Maze",
    "level_id": "level-1",
    "start_time": BEGAN,
}
STANDING = {"total_xp": 340, "level": 3, "title": "Novice"}
LEVEL = {
    "level_id": "level-3",
    "number": 3,
    "name": "Malware Mayhem",
    "xp_reward": 200,
    "icon": "bi-bug",
    "category": "Threat Detection",
    "estimated_time": "25 minutes",
    "skills": ["Malware Recognition", "System Security", "Threat Analysis"],
    "unlocked": True,
    "coming_soon": False,
}
NEW = {"held": False, "held_reason": None, "is_new_completion": True, "server_time": ENDED}
# Before there were pages, clients read all levels at once; most catalogues still fit on the first page.
LEVELS_ON_A_PAGE = 500
ENDED_SESSION = {
    "session_id": 123,
    "time_spent": 120,
    "session": {
        "session_name": "The Misinformation Maze",
        "score": 850,
        "start_time": BEGAN,
        "end_time": ENDED,
    },
    **REWARD,
    "entries": [{"reason": "session_completion", "delta": 28, "balance_after": 340}],
    **NEW,
}
SESSIONS = {
    "summary": {
        "total_sessions": 9,
        "completed_sessions": 8,
        "active_sessions": 1,
        "total_time_spent": 5400,
        **STANDING,
    },
    "active_sessions": [SESSION],
    "next": None,
    "previous": None,
    "results": [
        {**SESSION, "end_time": ENDED, "status": "ended", "score": 850, "time_spent": 120, "awarded_xp": 28},
    ],
}
LEVELS = {
    "summary": {"total_levels": 137, "completed_levels": 8, "completion_percentage": 5, **STANDING},
    "levels": [
        {
            "level_id": "level-3",
            "name": "Malware Mayhem",
            "status": "completed",
            "best_score": 850,
            "best_max_score": 1000,
            "best_time": 120,
            "completions": 2,
            "awarded_xp": 28,
            "first_completed_at": BEGAN,
            "last_completed_at": ENDED,
            "missing": [],
        }
    ],
    "next": None,
    "previous": None,
}


def page_of(what: str, *, default: int, maximum: int) -> list[OpenApiParameter]:
    """The parameters of a page inside a larger answer, which the generator does not find by itself."""
    return [
        OpenApiParameter(
            "limit",
            {"type": "integer", "minimum": 1, "default": default},
            description=f"How many {what} at once; more than {maximum} counts as {maximum}.",
        ),
        OpenApiParameter("cursor", str, description="Opaque: follow `next` and `previous`."),
    ]


start = documented(
    "Sessions",
    "startSession",
    "Start a session on a level",
    "Send either `level_id` or `session_name`. Starting the same level again within 5 s gives the same session; later, "
    "or with an `Idempotency-Key`, a new one, and the older one is abandoned.",
    responses=StartAnswerSerializer,
    raises=NOT_RECORDED,
    examples=[
        request_example({"session_name": "The Misinformation Maze"}),
        answer_example({**SESSION, "is_new_session": True, "server_time": BEGAN}),
    ],
)
end = documented(
    "Sessions",
    "endSession",
    "End a session; its level is completed and paid once",
    "Ending it again with the same score, or none, gives the first answer and `is_new_completion: false`.",
    responses=EndAnswerSerializer,
    raises=[TrackingDisabled, VerifiedOnly, SessionNotFound, SessionIsPlay, SessionAlreadyEnded, SessionAbandoned],
    examples=[
        request_example({"session_id": 123, "score": 850, "metadata": {"hints_used": 0}}),
        answer_example(ENDED_SESSION),
    ],
)
sessions_progress = documented(
    "Sessions",
    "getSessionsProgress",
    "Get my sessions: totals, active ones, ended ones",
    "`results` are the ended ones, newest first, in pages.",
    parameters=page_of("ended sessions", default=20, maximum=100),
    responses=SessionsProgressSerializer,
    examples=[answer_example(SESSIONS)],
)
complete = documented(
    "Levels",
    "completeLevel",
    "Complete a level; paid once, however often it is sent",
    "Send a `client_event_id` and keep it for all retries. Without one the same level, score and time within 10 s "
    "counts as a retry. A retry gets the first answer, whatever has changed since.",
    responses=CompleteAnswerSerializer,
    raises=[*NOT_RECORDED, VerifiedOnly, ClockOutOfRange, EventIdReused],
    examples=[
        request_example(EVENT, "Sent at once"),
        request_example({**EVENT, "occurred_at": ENDED}, "Sent later", LAST_30_DAYS),
        answer_example({**REWARD, "level": LEVEL, **NEW, "clock_shifted_by": 0}),
    ],
)
levels_progress = documented(
    "Levels",
    "getLevelsProgress",
    "Get my progress, level by level",
    "In pages, in the order of `levels`; takes its filters. `summary` counts the levels of all pages. Modes are left "
    "out: they count no progress.",
    filters=True,
    parameters=page_of("levels", default=LEVELS_ON_A_PAGE, maximum=LEVELS_ON_A_PAGE),
    responses=LevelsProgressSerializer,
    examples=[answer_example(LEVELS)],
)
