"""What learners do: sessions, plays, completions, reviews, check-ins, events of metrics; keys of their requests.

Besides, trials of rules on it.
"""

from .check_ins import CheckIn
from .completions import Completion, CompletionQuerySet
from .idempotency_keys import IdempotencyKey
from .metric_events import MetricEvent
from .plays import Play, PlayQuestion
from .reviews import QuestionMemory, Review
from .rule_trials import Recalculation, RuleTrial, TriedLearner, TriedPart
from .sessions import LearningSession, SessionQuerySet

__all__ = [
    "CheckIn",
    "Completion",
    "CompletionQuerySet",
    "IdempotencyKey",
    "LearningSession",
    "MetricEvent",
    "Play",
    "PlayQuestion",
    "QuestionMemory",
    "Recalculation",
    "Review",
    "RuleTrial",
    "SessionQuerySet",
    "TriedLearner",
    "TriedPart",
]
