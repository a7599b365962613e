"""Sends the results of learners to SkillQuest, without losing or doubling any."""

from .errors import (
    NotReachedError,
    NotUnderstoodError,
    OutboxError,
    Problem,
    ProblemError,
    SignInNeededError,
    SkillQuestError,
)
from .events import Event
from .learner import LearnerClient
from .outbox import Outbox, Report
from .results import Completion, Outcome, Reward
from .retries import Retries
from .server import ServerClient
from .tokens import FileTokens, MemoryTokens, Tokens

__all__ = [
    "Completion",
    "Event",
    "FileTokens",
    "LearnerClient",
    "MemoryTokens",
    "NotReachedError",
    "NotUnderstoodError",
    "Outbox",
    "OutboxError",
    "Outcome",
    "Problem",
    "ProblemError",
    "Report",
    "Retries",
    "Reward",
    "ServerClient",
    "SignInNeededError",
    "SkillQuestError",
    "Tokens",
]
