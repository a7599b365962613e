"""What the oracle remembers: claims, deeds, sittings and lines; learners, actors and levels are names."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Claim:
    """What a client says it did."""

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
class Deed:
    """A completion. `streak` and `unlocked` (keys) are what its answer must tell, as of the moment it was paid."""

    who: str
    claim: Claim
    passed: bool
    held: bool
    occurred_at: datetime
    created_at: datetime
    reason: str
    sitting: "Sitting | None" = None
    awarded: int = 0
    streak: dict | None = None
    unlocked: set[str] = field(default_factory=set)
    answer: dict = field(default_factory=dict)  # what the product told first; the machine keeps it here


@dataclass(eq=False)
class Sitting:
    who: str
    level: str
    start: datetime
    status: str = "open"
    score: int | None = None
    deed: Deed | None = None
    pk: int = 0  # the product's; the machine keeps it here


@dataclass(eq=False)
class Line:
    """A line of the ledger. `deed` where a completion was paid, or that was taken back; other deeds by `reference`."""

    who: str
    delta: int
    reason: str
    version: int
    effective_at: datetime
    created_at: datetime
    deed: Deed | None = None
    reference: str = ""
    takes_back: "Line | None" = None


@dataclass(frozen=True)
class Had:
    """A learner has, or had, an achievement or badge."""

    earned_at: datetime
    revoked: bool = False


class RefusedError(Exception):
    """The deed must be refused with this code."""
