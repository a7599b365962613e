"""What learners do: sessions, completions, check-ins and events of metrics, and the keys of their requests."""

from .check_ins import CheckIn
from .completions import Completion, CompletionQuerySet
from .idempotency_keys import IdempotencyKey
from .metric_events import MetricEvent
from .sessions import LearningSession, SessionQuerySet

__all__ = [
    "CheckIn",
    "Completion",
    "CompletionQuerySet",
    "IdempotencyKey",
    "LearningSession",
    "MetricEvent",
    "SessionQuerySet",
]
