"""What the API's documentation says about events of metrics."""

from apidocs.operations import answer_example, documented, request_example
from gamification.api.docs import REWARD
from tracking.errors import (
    ClockOutOfRange,
    EventIdReused,
    MetricNotAccepted,
    TrackingDisabled,
    UnknownMetric,
    ValueTooHigh,
)
from tracking.recording.examples import ENDED, LAST_30_DAYS

from .serializers import MetricAnswerSerializer

EVENT = {"value": 12, "client_event_id": "0190f3c2-8b22-7d44-8a52-1f0d7e3c9b21"}
ANSWER = {
    **REWARD,
    "awarded_xp": 3,
    "total_awarded_xp": 3,
    "xp_breakdown": [{"factor": "metric", "value": 3}],
    "entries": [{"reason": "metric", "delta": 3, "balance_after": 340}],
    "metric_id": "pages_read",
    "value": 12,
    "counted": 12,
    "total": 96,
    "is_new_event": True,
    "server_time": ENDED,
    "clock_shifted_by": 0,
}

record = documented(
    "Metrics",
    "recordMetricEvent",
    "Report an event of a metric; counted and paid once, however often it is sent",
    "Keep the `client_event_id` for all retries: a retry gets the first answer and `is_new_event: false`. Event ids of "
    "metrics are apart from those of completions. A learner's own client can report what the metric says is reported "
    "by learners, a server key every metric that staff made. What is above the metric's limit for a date does not "
    "count; the breakdown then has the factor `metric_limit`. Where the XP limit of a date is used up the event counts "
    "and pays nothing (factor `xp_limit`).",
    responses=MetricAnswerSerializer,
    raises=[UnknownMetric, MetricNotAccepted, TrackingDisabled, ValueTooHigh(1000), ClockOutOfRange, EventIdReused],
    examples=[
        request_example(EVENT, "Sent at once"),
        request_example({**EVENT, "occurred_at": ENDED}, "Sent later", LAST_30_DAYS),
        answer_example(ANSWER),
    ],
)
