"""How a completion is recorded, paid, answered, and recognised when it is sent again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from gamification.awards import Award, AwardBatch, Facts, Reward, Timing
from gamification.models import LedgerEntry
from hotsql.querysets import Prepared
from hotsql.writes import update_rows
from levels.models import Level
from tracking.errors import EventIdReused, SessionAlreadyEnded
from tracking.models import Completion, LearningSession

from .counting import counts_of, firsts_of, study_seconds
from .metrics import accepted, is_same_report, split
from .trust import LEARNER, Reporter, trust_of_report


@dataclass(frozen=True)
class Claim:
    """What a client reports. `time_spent` is in seconds; None means unknown."""

    level: int | str
    score: int
    time_spent: int | None = None
    difficulty: str = ""
    metadata: dict = field(default_factory=dict)
    client_event_id: UUID | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """The answer to a call, and whether it is given for the first time."""

    answer: dict
    is_new: bool


# What a client reports of a completion: a retry has the same content.
CONTENT = ("level_id", "score", "time_spent", "claimed_difficulty", "metadata")

REFERENCE = "completion"  # type of the reference of ledger entries

AnswerMaker = Callable[[Completion, Reward], dict]


def record(
    learner,
    level: Level,
    claim: Claim,
    *,
    rules: Level,
    source: str,
    at: datetime,
    session: LearningSession | None = None,
    reason: str = "",
    reporter: Reporter = LEARNER,
    category: str | None = None,
) -> Completion:
    """The unsaved completion for `claim`, judged by the play rules of `rules`.

    Without a `category`, `level` is annotated with `counted_category` (see categories.py).
    """
    occurred_at = claim.occurred_at or at
    metadata, reported = split(claim.metadata)
    return Completion(
        learner=learner,
        level=level,
        session=session,
        client_event_id=claim.client_event_id,
        score=claim.score,
        max_score=rules.max_score,
        time_spent=claim.time_spent,
        study_seconds=study_seconds(level, claim.time_spent),
        level_type=level.kind,
        category=level.counted_category if category is None else category,
        claimed_difficulty=claim.difficulty,
        difficulty=level.difficulty,
        source=source,
        trust=trust_of_report(occurred_at, at, reporter),
        server_key=reporter.server_key,
        reason=reason,
        passed=rules.passes(claim.score),
        perfect=claim.score == rules.max_score,
        metadata=metadata,
        metrics=reported or None,
        occurred_at=occurred_at,
        counts_at=None if reporter.is_server else joined_after(learner, occurred_at),
        created_at=at,
    )


def joined_after(learner: Any, occurred_at: datetime) -> datetime | None:
    """When the account was made, where that was later: what happened before counts on its first day."""
    return learner.date_joined if settings.TRUST_LIMITS and occurred_at < learner.date_joined else None


def pay(completion: Completion, batch: AwardBatch, make_answer: AnswerMaker, timing: Timing | None) -> Outcome:
    """Pay a saved completion, and store with it the answer that the client is given."""
    completion.answer = make_answer(completion, add_to(batch, completion, timing))
    update_rows([completion], Completion.DECISION)
    return Outcome(completion.given_answer, is_new=True)


def add_to(batch: AwardBatch, completion: Completion, timing: Timing | None, *, planned: Award | None = None) -> Reward:
    """Add a saved completion to `batch`; one that is implausible is held instead and earns nothing yet.

    Without `timing` the limits do not apply to it. `planned` was made of it before it was known which metrics it may
    report and whether other results hold it.
    """
    reported, completion.metrics = completion.metrics, accepted(completion, batch.metrics)
    is_as_planned = planned and completion.metrics == reported and completion.held_reason == planned.held_reason
    reward = batch.add(planned if planned and is_as_planned else award_of(completion, timing=timing))
    completion.held = bool(reward.held_reason)
    completion.held_reason, completion.limit_version = reward.held_reason, reward.limit_version
    completion.counted = reward.counted
    return reward


def replay(completion: Completion) -> Outcome:
    return Outcome(completion.given_answer, is_new=False)


def replay_same(completion: Completion, level: Level | None, claim: Claim) -> Outcome:
    """The stored answer. Raise EventIdReused where the id belongs to other content."""
    metadata, reported = split(claim.metadata)
    content = level and (level.pk, claim.score, claim.time_spent, claim.difficulty, metadata)
    if _content(completion) != content or not is_same_report(completion.metrics, reported):
        raise EventIdReused
    return replay(completion)


def same_end(completion: Completion, score: int | None) -> Completion:
    """The completion of an ended session. Raise SessionAlreadyEnded where it has another score."""
    if score is not None and score != completion.score:
        raise SessionAlreadyEnded
    return completion


_find_event = Prepared(
    lambda learner_id, event_id: Completion.objects.filter(learner_id=learner_id, client_event_id=event_id).only(
        *CONTENT, "metrics", "answer", "trust"
    )
)


def find_event(learner, claim: Claim) -> Completion | None:
    if claim.client_event_id is None:
        return None
    return next(iter(_find_event(learner.pk, claim.client_event_id)), None)


def find_duplicate(completion: Completion, **alike) -> Completion | None:
    """A completion with the same learner, level, score and time (and `alike`) within settings.DUPLICATE_WINDOW.

    For clients that send no event id.
    """
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
        # What was imported just now happened at another time.
        .exclude(source=Completion.Source.IMPORT)
        .order_by("created_at", "pk")
        .first()
    )


def subject_of(level_id: int) -> str:
    """The ledger's name for a level; repeat policies sum what a subject has paid."""
    return f"level:{level_id}"


def reason_of(completion: Completion) -> str:
    """What the ledger calls it."""
    usual = LedgerEntry.Reason.SESSION_COMPLETION if completion.session_id else LedgerEntry.Reason.LEVEL_COMPLETION
    return completion.reason or usual


def _content(completion: Completion) -> tuple:
    return tuple(getattr(completion, name) for name in CONTENT)


def award_of(completion: Completion, *, timing: Timing | None = None) -> Award:
    """Without `timing` the limits do not apply to it."""
    return Award(
        reason=reason_of(completion),
        reference_type=REFERENCE,
        reference_id=completion.payment,
        subject=subject_of(completion.level_id),
        facts=facts_of(completion),
        occurred_at=completion.effective_at,
        trust=completion.trust,
        counts=counts_of(completion),
        firsts=firsts_of(completion),
        timing=timing,
        held_reason=completion.held_reason,
        completes=completion.passed or not completion.is_play,
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
