"""Plays: start one, take a hint, answer a question, finish it. Each call is one transaction.

Locks: the session first, then what the learner remembers, at last the profile.
"""

from datetime import datetime
from secrets import token_hex
from typing import Any

from gamification.models import Trust
from hotsql.writes import insert_if_absent, insert_rows, update_rows
from levels.errors import LevelNotFound
from levels.history import level_as_of
from levels.models import Level
from tracking.errors import AlreadyAnswered, LevelHasNoContent, NoHint, PlayFinished
from tracking.idempotency.transactions import recording_transaction
from tracking.models import Completion, LearningSession, Play, PlayQuestion
from tracking.recording.admission import find_level, learner_refusal, level_refusal
from tracking.recording.completions import Outcome
from tracking.recording.ending import (
    Ending,
    Origin,
    abandoned_refusal,
    end_locked_session,
    lock_session,
    raise_first,
)
from tracking.recording.trust import LEARNER, Reporter
from tracking.review.remembering import remember

from .drawing import draw
from .judging import is_same_answer, judge, tally_of
from .presenting import show_play, show_verdict
from .rows import ANSWERED, find_question, lock_play, new_questions, questions_of

WHERE_OPEN = "(learner_id, level_id) WHERE is_play AND status = 'open'"


def start_play(*, learner: Any, level: int | str, at: datetime) -> dict[str, Any]:
    """The play that is open, with what was answered, or a new one.

    Raise LevelNotFound, TrackingDisabled, LevelLocked or LevelHasNoContent.
    """
    with recording_transaction():
        found = find_level(learner, level)
        if found is None or not found.published:
            raise LevelNotFound
        raise_first(learner_refusal(learner) or level_refusal(learner, found))
        session = LearningSession(learner=learner, level=found, start_time=at, is_play=True)
        # Each turn means that somebody else's start was committed meanwhile.
        while not insert_if_absent(session, conflict=WHERE_OPEN):
            plays = LearningSession.objects.plays().open().select_related("play").locked()
            other = plays.filter(learner=learner, level=found).first()
            if other and not other.is_too_old(at):
                other.level = found
                return show_play(other, questions_of(other))
            if other:
                other.abandon()
        return show_play(session, _begin(session))


def take_hint(*, learner: Any, session_id: int, question_id: str, at: datetime) -> str:
    """Counted once, and only where the question was not answered before.

    Raise SessionNotFound, QuestionNotFound, NoHint, PlayFinished or SessionAbandoned.
    """
    with recording_transaction():
        session = lock_play(LearningSession.objects.plays(), learner, session_id)
        row = find_question(session, question_id)
        if not row.question.hint:
            raise NoHint
        if not (row.hint_taken or row.answered_at):
            _refuse_closed(session, at)
            row.hint_taken = True
            update_rows([row], ["hint_taken"])
        hint: str = row.question.translated("hint")
        return hint


def answer_question(*, learner: Any, session_id: int, question_id: str, answer: Any, at: datetime) -> dict[str, Any]:
    """Judge the answer; the first one to a question counts, and the same one again gets the same verdict.

    Raise SessionNotFound, QuestionNotFound, AlreadyAnswered, PlayFinished, SessionAbandoned, AnswerNotUnderstood or
    QuestionChanged.
    """
    with recording_transaction():
        session = lock_play(LearningSession.objects.plays(), learner, session_id)
        row = find_question(session, question_id)
        if not row.answered_at:
            _refuse_closed(session, at)
            _answer(row, answer, session, at)
        elif not is_same_answer(row, answer):
            raise AlreadyAnswered
        return show_verdict(row, asked=row.asked)


def finish_play(
    *,
    learner: Any,
    session_id: int,
    at: datetime,
    source: str = Completion.Source.WEB,
    reporter: Reporter = LEARNER,
) -> Outcome:
    """End the play and pay for it; what was not answered is wrong. Finishing it again gives the first answer.

    Raise SessionNotFound, TrackingDisabled or SessionAbandoned.
    """
    with recording_transaction():
        plays = LearningSession.objects.plays().select_related("play")
        session = lock_session(plays, learner, session_id)
        if session.has_ended:
            return Outcome(session.completion.given_answer, is_new=False)
        raise_first(learner_refusal(learner) or abandoned_refusal(session, at))
        completion = end_locked_session(session, learner, _ending(session), Origin(source, reporter), at)
        return Outcome(completion.given_answer, is_new=True)


def _begin(session: LearningSession) -> list[PlayQuestion]:
    """Draw the questions of a new play. Raise LevelHasNoContent."""
    level: Level = session.level
    seed = token_hex(16)
    keys = draw(session.learner_id, level, seed)
    if not keys:
        raise LevelHasNoContent
    session.play = Play(session=session, seed=seed, pass_percent=level.needed_percent)
    session.play.save(force_insert=True)
    rows = new_questions(session, keys)
    insert_rows(rows)
    return rows


def _answer(row: PlayQuestion, answer: Any, session: LearningSession, at: datetime) -> None:
    judged = judge(row.question, answer, shown_at=session.start_time)
    row.answer, row.correct = judged.answer, judged.correct
    row.answered_at, row.turn = at, (row.answered or 0) + 1
    update_rows([row], ANSWERED)
    remember(
        learner_id=session.learner_id,
        question=row.question,
        correct=judged.correct,
        at=at,
        hint_taken=row.hint_taken,
    )


def _ending(session: LearningSession) -> Ending:
    """Judged by the level as it was when the play began."""
    tally = tally_of(questions_of(session))
    rules = level_as_of(session.level, session.start_time)
    return Ending(
        rules=rules,
        score=tally.score(rules.max_score),
        metadata=tally.metadata,
        passed=tally.passes(session.play.pass_percent),
        trust=Trust.VERIFIED,
        make_answer=tally.answer,
    )


def _refuse_closed(session: LearningSession, at: datetime) -> None:
    if session.has_ended:
        raise PlayFinished
    raise_first(abandoned_refusal(session, at))
