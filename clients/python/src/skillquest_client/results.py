"""Answers of the API. The schema at /api/v1/schema describes every field."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from .errors import Problem


@dataclass(frozen=True)
class Factor:
    factor: str
    value: int


@dataclass(frozen=True)
class Streak:
    action: str
    current_streak: int
    longest_streak: int
    freezes_available: int


@dataclass(frozen=True)
class UnlockedAchievement:
    achievement_id: str
    name: str
    rarity: str
    xp_reward: int


@dataclass(frozen=True)
class UnlockedBadge:
    id: int
    name: str


@dataclass(frozen=True)
class Entry:
    reason: str
    delta: int
    balance_after: int


@dataclass(frozen=True)
class Reward:
    """What a result has earned. While it is held it earns nothing; `held_reason` is a sentence for the learner."""

    awarded_xp: int
    total_awarded_xp: int
    new_total_xp: int
    xp_breakdown: list[Factor]
    level_up: bool
    player_level: int
    title: str
    streak: Streak | None
    unlocked_achievements: list[UnlockedAchievement]
    unlocked_badges: list[UnlockedBadge]
    entries: list[Entry]
    trust: str
    held: bool
    held_reason: str | None


@dataclass(frozen=True)
class Completion(Reward):
    """`is_new_completion` is false where the result had been recorded before."""

    is_new_completion: bool
    clock_shifted_by: int
    server_time: datetime


@dataclass(frozen=True)
class Session:
    session_id: int
    level_id: str
    start_time: datetime
    is_new_session: bool


@dataclass(frozen=True)
class EndedSession(Reward):
    session_id: int
    time_spent: int
    is_new_completion: bool


@dataclass(frozen=True)
class Attempt:
    id: int
    challenge_id: int
    status: str
    score: int | None
    started_at: datetime


@dataclass(frozen=True)
class SubmittedAttempt(Reward):
    id: int
    challenge_id: int
    status: str
    score: int | None


@dataclass(frozen=True)
class TrainingResult(Reward):
    level_id: str
    status: str
    next_level_id: str | None


@dataclass(frozen=True)
class MetricResult:
    """`counted` is the part of the value within the metric's limits; `total` is the learner's, with it."""

    metric_id: str
    value: int
    counted: int
    total: int
    is_new_event: bool
    awarded_xp: int
    total_awarded_xp: int
    new_total_xp: int
    trust: str


@dataclass(frozen=True)
class CheckIn:
    action: str
    current_streak: int
    longest_streak: int
    freezes_available: int
    at_risk: bool
    today: date


@dataclass(frozen=True)
class Totals:
    total_xp: int
    current_level: int
    xp_to_next_level: int
    title: str
    next_level_at: int | None


@dataclass(frozen=True)
class LedgerEntry:
    id: int
    sequence: int
    delta: int
    reason: str
    balance_after: int
    trust: str
    metadata: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True)
class Level:
    level_id: str
    number: int | None
    name: str
    description: str
    category: str
    kind: str
    difficulty: str
    max_score: int
    pass_score: int
    xp_reward: int
    tags: list[str]


@dataclass(frozen=True)
class Me:
    id: int
    username: str


@dataclass(frozen=True)
class Linked:
    """`merged`: the guest's results went into an account that existed."""

    user_id: int
    merged: bool


@dataclass(frozen=True)
class EventWarning:
    field: str
    detail: str


@dataclass(frozen=True)
class Outcome:
    """What became of an event: `created`, `replayed` or `held` with a reward, or `rejected` with a problem."""

    client_event_id: str | None
    status: str
    reward: Reward | None = None
    problem: Problem | None = None
    warnings: list[EventWarning] = field(default_factory=list)

    @property
    def is_rejected(self) -> bool:
        return self.status == "rejected"


@dataclass(frozen=True)
class SavedLearner:
    """`claimed`: the person has a password of their own, and a server changes nothing any more."""

    user_id: int
    external_id: str
    display_name: str
    time_zone: str
    language: str
    kind: str
    claimed: bool
    created_at: datetime


@dataclass(frozen=True)
class LearnerStreak:
    current_streak: int
    longest_streak: int
    last_activity_date: date | None
    freezes_available: int
    total_active_days: int
    at_risk: bool
    today: date


@dataclass(frozen=True)
class LearnerAchievement:
    achievement_id: str
    name: str
    unlocked_at: datetime


@dataclass(frozen=True)
class LearnerBadge:
    id: int
    name: str
    awarded_at: datetime


@dataclass(frozen=True)
class LearnerStatus(SavedLearner):
    total_xp: int
    verified_xp: int
    level: int
    title: str
    levels_completed: int
    metrics: dict[str, int]
    streak: LearnerStreak
    achievements: list[LearnerAchievement]
    badges: list[LearnerBadge]


@dataclass(frozen=True)
class ShortToken:
    access_token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class ClaimLink:
    url: str = field(repr=False)
    expires_at: datetime
