"""What the oracle keeps: claims, completions, sessions and ledger entries; learners, actors and levels are names."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime


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
    right: int | None = None  # answers, where training or a play counted them

    @property
    def content(self):
        return self.level, self.score, self.time_spent, self.difficulty, self.hints, self.right


@dataclass(frozen=True)
class Use:
    """What one result uses up: `hours` are clock hours with the seconds played in them, `day` its local date."""

    ended_in: int
    hours: Counter
    day: date
    xp: int
    study: int
    level: str
    is_paid_in_full: bool


@dataclass(eq=False)
class OracleCompletion:
    """`streak` and `unlocked` (keys) are what its answer must contain, as of the moment it was paid.

    `counts_at` is the moment as of which it counts; `use` what it has used up of the limits, and `study` what counts of
    its time.
    """

    who: str
    claim: Claim
    passed: bool
    occurred_at: datetime
    created_at: datetime
    reason: str
    session: "OracleSession | None" = None
    counts_at: datetime | None = None
    trust: str = ""
    source: str = "api"
    held_reason: str = ""
    refused: bool = False  # by staff; it stays held
    use: Use | None = None
    study: int = 0
    awarded: int = 0
    streak: dict | None = None
    unlocked: set[str] = field(default_factory=set)
    answer: dict = field(default_factory=dict)  # the first answer of the product; set by the state machine

    @property
    def held(self) -> bool:
        return bool(self.held_reason)

    @property
    def completes(self) -> bool:
        """A failed play is activity, as a check-in is, and nothing else."""
        return self.passed or not (self.session and self.session.play)


@dataclass(frozen=True)
class Given:
    """An answer to a question; every question is answered rightly with true."""

    right: bool
    at: datetime


@dataclass(eq=False)
class OraclePlay:
    """`asked` are the questions in their order, as the product has drawn them; `given` is in the order of answers."""

    asked: list[str] = field(default_factory=list)
    given: dict[str, Given] = field(default_factory=dict)
    hints: set[str] = field(default_factory=set)


@dataclass(eq=False)
class OracleSession:
    who: str
    level: str
    start: datetime
    status: str = "open"
    score: int | None = None
    completion: OracleCompletion | None = None
    play: OraclePlay | None = None
    pk: int = 0  # of the product's row; set by the state machine


@dataclass
class Remembered:
    """What is known of a question since its last answer: `due` is None where only the product knows the days.

    Only a question that `is_settled` is asked again after days also where a hint was taken.
    """

    at: datetime
    right: bool
    is_settled: bool
    due: datetime | None = None


@dataclass(eq=False)
class OracleReview:
    """`number` and `streak` are what its answer must contain: how many questions were reviewed on its date so far."""

    who: str
    question: str
    right: bool
    at: datetime
    day: date
    number: int
    awarded: int
    streak: dict | None = None
    unlocked: set[str] = field(default_factory=set)
    answer: dict = field(default_factory=dict)  # the first answer of the product; set by the state machine


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
    trust: str = "verified"  # of what staff give and take
    reversal_of: "OracleEntry | None" = None


@dataclass(frozen=True)
class Holding:
    """A learner has, or had, an achievement or badge."""

    earned_at: datetime
    created_at: datetime
    revoked: bool = False


class RefusedError(Exception):
    """The call must be refused with this code."""
