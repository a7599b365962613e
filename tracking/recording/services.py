"""What a learner does: start a session, end it, complete a level. Each call is one transaction and pays once."""

from datetime import datetime

from django.conf import settings
from rest_framework.exceptions import APIException

from gamification.awards import award_batch
from gamification.models import LedgerEntry
from hotsql.writes import insert_if_absent, insert_rows, update_rows
from levels.history import level_as_of
from levels.models import Level
from tracking.idempotency.transactions import recording_transaction
from tracking.models import Completion, LearningSession

from .admission import (
    access_to,
    clock_refusal,
    find_level,
    learner_refusal,
    level_refusal,
    rules_for,
    score_refusal,
    verified_refusal,
)
from .answers import as_level_answer, first_answer, level_answer
from .completions import Claim, Outcome, add_to, find_duplicate, find_event, pay, record, replay_same
from .ending import Origin, end_by_report, lock_session, raise_first
from .limits import held_words, timing_of
from .trust import LEARNER, Reporter


def start_session(*, learner, level: int | str, resume: bool, at: datetime) -> tuple[LearningSession, bool]:
    """Open a session; True when it is a new one.

    With `resume` one that was opened within settings.SESSION_RESTART_WINDOW is returned instead; an older one is
    abandoned. Raise TrackingDisabled, UnknownLevel or LevelLocked.
    """
    with recording_transaction():
        found = find_level(learner, level, by_name=True)
        raise_first(learner_refusal(learner) or level_refusal(learner, found))
        session = LearningSession(learner=learner, level=found, start_time=at)
        # Each turn means that somebody else's start was committed meanwhile.
        while not insert_if_absent(session, conflict="(learner_id, level_id) WHERE NOT is_play AND status = 'open'"):
            other = LearningSession.objects.locked().open().filter(learner=learner, level=found, is_play=False).first()
            if other and resume and abs(at - other.start_time) < settings.SESSION_RESTART_WINDOW:
                return other, False
            if other:
                other.abandon()
        return session, True


def end_session(
    *,
    learner,
    session_id: int,
    score: int | None,
    metadata: dict,
    source: str,
    at: datetime,
    reporter: Reporter = LEARNER,
) -> Outcome:
    """End a session, which completes its level and pays; without a score the score is 0.

    Raise SessionNotFound, SessionIsPlay, SessionAlreadyEnded (with another score), TrackingDisabled, SessionAbandoned,
    VerifiedOnly or ScoreTooHigh.
    """
    with recording_transaction():
        session = lock_session(LearningSession.objects.all(), learner, session_id)
        is_new = not session.has_ended
        completion = end_by_report(session, learner, score, metadata, Origin(source, reporter), at)
        return Outcome(completion.given_answer, is_new)


def submit_attempt(
    *,
    learner,
    attempt_id: int,
    score: int,
    metadata: dict,
    source: str,
    at: datetime,
    reporter: Reporter = LEARNER,
) -> Completion:
    """End a session on a challenge, with the same refusals as `end_session`; the completion has the answer."""
    with recording_transaction():
        attempt = lock_session(LearningSession.objects.attempts(), learner, attempt_id)
        origin = Origin(source, reporter, LedgerEntry.Reason.ATTEMPT_PASSED)
        return end_by_report(attempt, learner, score, metadata, origin, at)


def complete_level(*, learner, claim: Claim, source: str, at: datetime, reporter: Reporter = LEARNER) -> Outcome:
    """Record a completion and pay it once, however often and however parallel it is sent.

    With a `client_event_id` the unique constraint decides who is first; without one the same level, score and time
    within settings.DUPLICATE_WINDOW is a repeat. Raise TrackingDisabled, UnknownLevel, LevelLocked, ClockOutOfRange,
    VerifiedOnly, ScoreTooHigh or EventIdReused.
    """
    with recording_transaction():
        level = find_level(learner, claim.level)
        rules = level and rules_for(level, level_as_of(level, claim.occurred_at or at), claim.score)
        access = access_to(learner, level, played_at=claim.occurred_at)
        if refusal := learner_refusal(learner) or access.refusal or _claim_refusal(rules, claim, reporter, at):
            return _replay_or_raise(learner, level, claim, refusal)
        completion = record(learner, level, claim, rules=rules, source=source, at=at, reporter=reporter)
        completion.held_reason = access.held_reason
        if claim.client_event_id and not insert_if_absent(completion, conflict="(learner_id, client_event_id)"):
            return replay_same(find_event(learner, claim), level, claim)
        with award_batch(learner.pk, at=at, moment=completion.occurred_at) as batch:
            if not claim.client_event_id:
                if duplicate := find_duplicate(completion):
                    return Outcome(as_level_answer(duplicate.given_answer, level), is_new=False)
                insert_rows([completion])
            return pay(completion, batch, level_answer, timing_of(completion, rules))


def release_completion(completion: Completion, *, at: datetime) -> None:
    """Release a held completion: it counts and pays now, as earned when it happened. Raise LearnerErased."""
    with recording_transaction(), award_batch(completion.learner_id, at=at) as batch:
        completion.refresh_from_db()
        if not completion.held:
            return
        completion.refused, completion.held_reason, completion.decided_at = False, "", at
        completion.answer |= first_answer(completion, add_to(batch, completion, timing=None))
        update_rows([completion], [*Completion.DECISION, "refused", "decided_at"])


def refuse_completion(completion: Completion, *, at: datetime) -> None:
    """Refuse a held completion: it stays held, and no longer waits for staff. Raise LearnerErased."""
    with recording_transaction(), award_batch(completion.learner_id, at=at):
        completion.refresh_from_db()
        if not completion.held:
            return
        completion.refused, completion.decided_at = True, at
        completion.answer |= {"held_reason": held_words(completion)}
        update_rows([completion], ["answer", "refused", "decided_at"])


def _claim_refusal(rules: Level, claim: Claim, reporter: Reporter, at: datetime) -> APIException | None:
    return (
        clock_refusal(claim.occurred_at or at, at)
        or verified_refusal(rules, reporter)
        or score_refusal(rules, claim.score)
    )


def _replay_or_raise(learner, level: Level | None, claim: Claim, refusal: APIException) -> Outcome:
    """A retry is answered even where the rules have changed since the first time."""
    stored = find_event(learner, claim)
    if stored is None:
        raise refusal
    return replay_same(stored, level, claim)
