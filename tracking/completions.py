"""How a completion is recorded, paid, answered, and recognised when it comes again."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings

from gamification.models import LearnerProfile, LedgerEntry
from gamification.prepared import Prepared
from gamification.rewards import Book, Deed, Reward, no_reward, rules_of
from gamification.writes import update_row
from gamification.xp import Facts
from levels.models import Level

from .counting import counts_of, firsts_of, study_seconds
from .errors import EventIdReused, SessionAlreadyEnded
from .models import Completion, LearningSession
from .plausibility import Pace, is_too_fast


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


def record(learner, level: Level, claim: Claim, *, source: str, at: datetime, session: LearningSession | None = None):
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
        passed=level.passes(claim.score),
        perfect=claim.score == level.max_score,
        held=is_too_fast(level, claim.time_spent),
        metadata=claim.metadata,
        occurred_at=claim.occurred_at or at,
        created_at=at,
    )


def pay(completion: Completion, profile: LearnerProfile, *, at: datetime) -> Reward:
    """Reward a saved completion, whose learner's profile the caller has locked."""
    book, pace = Book(profile, rules_of(profile), at=at), Pace(completion.learner_id, [completion.occurred_at])
    earned = enter(completion, book, pace)
    if not completion.held:
        book.write()
    return earned


def enter(completion: Completion, book: Book, pace: Pace) -> Reward:
    """Reward a saved completion in a book; an implausible one is held and earns nothing yet."""
    completion.held = completion.held or pace.is_too_high(completion.occurred_at)
    if completion.held:
        return no_reward(book.profile)
    earned = book.enter(deed_of(completion))
    pace.add(earned.entries)
    return earned


def keep_answer(completion: Completion, answer: dict) -> Outcome:
    completion.answer = answer
    update_row(completion, ["answer", "held"])
    return Outcome(answer, is_new=True)


def replay(completion: Completion) -> Outcome:
    return Outcome(completion.answer, is_new=False)


def replay_same(completion: Completion, level: Level | None, claim: Claim) -> Outcome:
    """The stored answer, or EventIdReused where the id stood for other content."""
    if level is None or _content(completion) != (level.pk, *_content_of(claim)):
        raise EventIdReused
    return replay(completion)


def replay_end(completion: Completion, score: int | None) -> Outcome:
    """The first answer of a session that has ended, or SessionAlreadyEnded where it has another score."""
    if score is not None and score != completion.score:
        raise SessionAlreadyEnded
    return replay(completion)


_find_event = Prepared(
    lambda learner_id, event_id: Completion.objects.filter(learner_id=learner_id, client_event_id=event_id)
)


def find_event(learner, claim: Claim) -> Completion | None:
    if claim.client_event_id is None:
        return None
    return next(iter(_find_event(learner.pk, claim.client_event_id)), None)


def find_twin(completion: Completion) -> Completion | None:
    """The same learner, level, score and time within the window; for clients that send no event id."""
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
    by_session = completion.session_id is not None
    return Deed(
        reason=LedgerEntry.Reason.SESSION_COMPLETION if by_session else LedgerEntry.Reason.LEVEL_COMPLETION,
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
