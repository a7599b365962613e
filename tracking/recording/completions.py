"""How a completion is recorded, paid, answered, and recognised when it comes again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings

from gamification.awards.batch import Book, Deed, Reward, no_reward, rules_of
from gamification.models import LearnerProfile, LedgerEntry
from gamification.pricing.xp import Facts
from hotsql.querysets import Prepared
from hotsql.writes import send, updating
from levels.models import Level
from tracking.errors import EventIdReused, SessionAlreadyEnded
from tracking.models import Completion, LearningSession

from .counting import counts_of, firsts_of, study_seconds
from .limits import Pace, is_too_fast


@dataclass(frozen=True)
class Claim:
    """What a client says it did. `time_spent` is in seconds; None means unknown."""

    level: int | str
    score: int
    time_spent: int | None = None
    difficulty: str = ""
    metadata: dict = field(default_factory=dict)
    client_event_id: UUID | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """The answer to a deed, and whether it is given for the first time."""

    answer: dict
    is_new: bool


Tell = Callable[[Completion, Reward], dict]


def record(
    learner,
    level: Level,
    claim: Claim,
    *,
    source: str,
    at: datetime,
    session: LearningSession | None = None,
    reason: str = "",
) -> Completion:
    """The completion that `claim` makes, not saved yet."""
    return Completion(
        learner=learner,
        level=level,
        session=session,
        client_event_id=claim.client_event_id,
        score=claim.score,
        max_score=level.max_score,
        time_spent=claim.time_spent,
        study_seconds=study_seconds(level, claim.time_spent),
        level_type=level.kind,
        category=level.category,
        claimed_difficulty=claim.difficulty,
        difficulty=level.difficulty,
        source=source,
        reason=reason,
        passed=level.passes(claim.score),
        perfect=claim.score == level.max_score,
        held=is_too_fast(level, claim.time_spent),
        metadata=claim.metadata,
        occurred_at=claim.occurred_at or at,
        created_at=at,
    )


def pay(completion: Completion, profile: LearnerProfile, tell: Tell, *, at: datetime) -> Outcome:
    """Reward a saved completion, whose learner's profile the caller has locked, and keep what the client is told."""
    book, pace = Book(profile, rules_of(profile), at=at), Pace(completion.learner_id, [completion.occurred_at])
    completion.answer = tell(completion, enter(completion, book, pace))
    earned = [] if completion.held else book.writes()
    send([*earned, *updating([completion], ["answer", "held"])])
    return Outcome(completion.answer, is_new=True)


def enter(completion: Completion, book: Book, pace: Pace) -> Reward:
    """Reward a saved completion in a book; an implausible one is held and earns nothing yet."""
    completion.held = completion.held or pace.is_too_high(completion.occurred_at)
    if completion.held:
        return no_reward(book.profile)
    earned = book.enter(deed_of(completion))
    pace.add(earned.entries)
    return earned


def replay(completion: Completion) -> Outcome:
    return Outcome(completion.answer, is_new=False)


def replay_same(completion: Completion, level: Level | None, claim: Claim) -> Outcome:
    """The stored answer, or EventIdReused where the id stood for other content."""
    if level is None or _content(completion) != (level.pk, *_content_of(claim)):
        raise EventIdReused
    return replay(completion)


def same_end(completion: Completion, score: int | None) -> Completion:
    """The completion of a session that has ended, or SessionAlreadyEnded where it has another score."""
    if score is not None and score != completion.score:
        raise SessionAlreadyEnded
    return completion


_find_event = Prepared(
    lambda learner_id, event_id: Completion.objects.filter(learner_id=learner_id, client_event_id=event_id)
)


def find_event(learner, claim: Claim) -> Completion | None:
    if claim.client_event_id is None:
        return None
    return next(iter(_find_event(learner.pk, claim.client_event_id)), None)


def find_twin(completion: Completion, **alike) -> Completion | None:
    """The same learner, level, score and time (and `alike`) within the window; for clients that send no event id."""
    at, window = completion.created_at, settings.DUPLICATE_WINDOW
    return (
        Completion.objects.filter(
            learner_id=completion.learner_id,
            level_id=completion.level_id,
            score=completion.score,
            time_spent=completion.time_spent,
            created_at__gt=at - window,
            # The clock may have been set back since.
            created_at__lt=at + window,
            **alike,
        )
        .order_by("created_at", "pk")
        .first()
    )


def subject_of(level_id: int) -> str:
    """How the ledger names a level, so that repeat policies can ask what it has paid."""
    return f"level:{level_id}"


def _content(completion: Completion) -> tuple:
    return (
        completion.level_id,
        completion.score,
        completion.time_spent,
        completion.claimed_difficulty,
        completion.metadata,
    )


def _content_of(claim: Claim) -> tuple:
    return claim.score, claim.time_spent, claim.difficulty, claim.metadata


def deed_of(completion: Completion) -> Deed:
    usual = LedgerEntry.Reason.SESSION_COMPLETION if completion.session_id else LedgerEntry.Reason.LEVEL_COMPLETION
    return Deed(
        reason=completion.reason or usual,
        reference_type="completion",
        reference_id=str(completion.pk),
        subject=subject_of(completion.level_id),
        facts=facts_of(completion),
        occurred_at=completion.occurred_at,
        counts=counts_of(completion),
        firsts=firsts_of(completion),
    )


def facts_of(completion: Completion) -> Facts:
    level = completion.level
    return Facts(
        rule=level.xp_rule,
        repeat_policy=level.repeat_policy,
        difficulty=completion.difficulty,
        score=completion.score,
        max_score=completion.max_score,
        passed=completion.passed,
        xp_reward=level.xp_reward,
        time_spent=completion.time_spent,
        expected_seconds=level.expected_time_seconds,
        hints_used=completion.metadata.get("hints_used"),
    )
