"""Attempts: sessions on challenges. They share rows, rules and payments with sessions; only the terms differ."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from levels.errors import UnknownLevel
from levels.models import Level
from tracking.models import Completion, LearningSession
from tracking.recording.answers import reward_of
from tracking.recording.services import start_session


class AttemptStatus(StrEnum):
    STARTED = "started"
    PASSED = "passed"
    FAILED = "failed"
    ABANDONED = "abandoned"


STATUSES = [status.value for status in AttemptStatus]


@dataclass(frozen=True)
class Attempt:
    """A held attempt has passed or failed already, but has no XP yet."""

    id: int
    challenge_id: int
    status: AttemptStatus
    score: int | None
    xp_awarded: int
    started_at: datetime
    submitted_at: datetime | None


def start_attempt(*, learner, challenge: int | str, resume: bool, at: datetime) -> LearningSession:
    """`start_session` on the challenge with this key or level_id, with the same refusals."""
    found = Level.objects.challenges().identified(challenge).first()
    if found is None:
        raise UnknownLevel
    session, _ = start_session(learner=learner, level=found.level_id, resume=resume, at=at)
    return session


def attempt_of(session: LearningSession, *, at: datetime) -> Attempt:
    """The session as it is known to clients of challenges."""
    completion = session.completion if session.has_ended else None
    return Attempt(
        id=session.pk,
        challenge_id=session.level_id,
        status=_ended_status(completion) if completion else _open_status(session, at),
        score=completion and completion.score,
        xp_awarded=completion.answer["awarded_xp"] if completion else 0,
        started_at=session.start_time,
        submitted_at=session.end_time,
    )


def submitted_answer(completion: Completion) -> dict:
    """What the answer to a submit contains besides the attempt."""
    return {"total_xp": completion.answer["new_total_xp"], **reward_of(completion.given_answer)}


def _ended_status(completion: Completion) -> AttemptStatus:
    return AttemptStatus.PASSED if completion.passed else AttemptStatus.FAILED


def _open_status(session: LearningSession, at: datetime) -> AttemptStatus:
    return AttemptStatus.ABANDONED if session.is_abandoned(at) else AttemptStatus.STARTED
