"""What the oracle keeps: claims, completions, sessions and ledger entries; learners, actors and levels are names."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Claim:
    """The result that a client sends."""

    level: str
    score: int
    time_spent: int | None = None
    difficulty: str = ""
    hints: int | None = None
    event_id: str | None = None
    occurred_at: datetime | None = None
    right: int | None = None  # answers, where training counted them

    @property
    def content(self):
        return self.level, self.score, self.time_spent, self.difficulty, self.hints


@dataclass(eq=False)
class OracleCompletion:
    """`streak` and `unlocked` (keys) are what its answer must contain, as of the moment it was paid."""

    who: str
    claim: Claim
    passed: bool
    held: bool
    occurred_at: datetime
    created_at: datetime
    reason: str
    session: "OracleSession | None" = None
    awarded: int = 0
    streak: dict | None = None
    unlocked: set[str] = field(default_factory=set)
    answer: dict = field(default_factory=dict)  # the first answer of the product; set by the state machine


@dataclass(eq=False)
class OracleSession:
    who: str
    level: str
    start: datetime
    status: str = "open"
    score: int | None = None
    completion: OracleCompletion | None = None
    pk: int = 0  # of the product's row; set by the state machine


@dataclass(eq=False)
class OracleEntry:
    """`completion` is the one that was paid or reversed; other awards are named by `reference`."""

    who: str
    delta: int
    reason: str
    version: int
    effective_at: datetime
    created_at: datetime
    completion: OracleCompletion | None = None
    reference: str = ""
    reversal_of: "OracleEntry | None" = None


@dataclass(frozen=True)
class Holding:
    """A learner has, or had, an achievement or badge."""

    earned_at: datetime
    revoked: bool = False


class RefusedError(Exception):
    """The call must be refused with this code."""
