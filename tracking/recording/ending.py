"""How a session ends, whoever judged what came of it: the caller says the score, the rest is the same."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rest_framework.exceptions import APIException

from gamification.awards import award_batch
from gamification.models import Trust
from hotsql.writes import insert_rows
from levels.history import level_as_of
from levels.models import Level
from tracking.errors import SessionAbandoned, SessionIsPlay, SessionNotFound
from tracking.models import Completion, LearningSession, SessionQuerySet

from .admission import learner_refusal, rules_for, score_refusal, verified_refusal
from .answers import session_answer
from .categories import with_counted_category
from .completions import AnswerMaker, Claim, pay, record, same_end
from .limits import timing_of
from .trust import LEARNER, Reporter


@dataclass(frozen=True)
class Ending:
    """What a session ends with; `rules` is its level, as it judges the score.

    `passed` and `trust` are given where the server has judged the answers itself.
    """

    rules: Level
    score: int | None
    metadata: dict[str, Any]
    passed: bool | None = None
    trust: Trust | None = None
    make_answer: AnswerMaker = session_answer


@dataclass(frozen=True)
class Origin:
    """Who told it, through what, and what the ledger calls it, other than the end of a session."""

    source: str
    reporter: Reporter = LEARNER
    reason: str = ""


def lock_session(sessions: SessionQuerySet, learner: Any, session_id: int) -> LearningSession:
    """With its level. Raise SessionNotFound."""
    session = with_counted_category(sessions.filter(learner=learner), learner).locked().filter(pk=session_id).first()
    if session is None:
        raise SessionNotFound
    session.level.counted_category = session.counted_category
    return session


def end_by_report(
    session: LearningSession, learner: Any, score: int | None, metadata: dict[str, Any], origin: Origin, at: datetime
) -> Completion:
    """The completion of a locked session, recorded and paid; the stored one, where it has ended with this score."""
    if session.is_play:
        raise SessionIsPlay
    if session.has_ended:
        # Read after the lock: a join would show the completion as it was before we waited.
        return same_end(session.completion, score)
    level = session.level
    rules = rules_for(level, level_as_of(level, session.start_time), score or 0)
    raise_first(learner_refusal(learner) or abandoned_refusal(session, at))
    raise_first(verified_refusal(rules, origin.reporter) or score_refusal(rules, score or 0))
    return end_locked_session(session, learner, Ending(rules, score, metadata), origin, at)


def end_locked_session(
    session: LearningSession, learner: Any, ending: Ending, origin: Origin, at: datetime
) -> Completion:
    """Nothing is checked here."""
    session.end(score=ending.score, at=at)
    session.save(update_fields=session.END)
    claim = Claim(session.level_id, ending.score or 0, session.time_spent, metadata=ending.metadata)
    told = {"source": origin.source, "reporter": origin.reporter, "reason": origin.reason}
    completion = record(learner, session.level, claim, rules=ending.rules, at=at, session=session, **told)
    if ending.passed is not None:
        completion.passed = ending.passed
    completion.trust = ending.trust or completion.trust
    insert_rows([completion])
    # A failed play pays nothing, so there is nothing to hold: the learner reads what to practise.
    timing = None if ending.passed is False else timing_of(completion, ending.rules, measured=True)
    with award_batch(learner.pk, at=at, moment=completion.occurred_at) as batch:
        pay(completion, batch, ending.make_answer, timing)
    return completion


def abandoned_refusal(session: LearningSession, at: datetime) -> APIException | None:
    return SessionAbandoned() if session.is_abandoned(at) else None


def raise_first(refusal: APIException | None) -> None:
    if refusal:
        raise refusal
