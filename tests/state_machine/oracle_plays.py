"""Plays, whose questions the server asks and judges, and what learners remember of questions; see `oracle`."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from .oracle import CLOCK_AHEAD, CLOCK_BACK, Oracle
from .records import (
    Claim,
    Given,
    OracleCompletion,
    OraclePlay,
    OracleSession,
    RefusedError,
    Remembered,
)

STEP, LONGER_STEP = timedelta(minutes=10), timedelta(minutes=15)  # until a question is asked again that was missed
Late = tuple[str, bool, datetime]  # question, answer, when it was answered by the client's clock


class PlayOracle(Oracle):
    def begin_play(self, who, level) -> tuple[OracleSession, bool]:
        """The open play, or a new one, whose questions the product has yet to draw."""
        self._refuse(who, level)
        for session in self.sessions:
            if session.play and (session.who, session.level, session.status) == (who, level, "open"):
                if not self._is_stale(session):
                    return session, False
                session.status = "abandoned"
        if not self.levels[level].pool:
            raise RefusedError("level_has_no_content")
        self.sessions.append(OracleSession(who, level, self.now, play=OraclePlay()))
        return self.sessions[-1], True

    def take_hint(self, who, session: OracleSession, question: str, *, exists: bool) -> None:
        self._refuse_question(who, session, question)
        if not exists:
            raise RefusedError("no_hint")
        if question not in {*session.play.hints, *session.play.given}:
            self._refuse_closed(session)
            session.play.hints.add(question)

    def answer(self, who, session: OracleSession, question: str, *, answer: bool) -> tuple[bool, int, int]:
        """Whether it is right, how many are answered, how many remain."""
        self._refuse_question(who, session, question)
        given = session.play.given
        if question not in given:
            self._refuse_closed(session)
            self._give(session, question, Given(answer, self.now))
        elif given[question].right != answer:
            raise RefusedError("already_answered")
        turn = 1 + list(given).index(question)
        return given[question].right, turn, len(session.play.asked) - turn

    def finish(self, who, session: OracleSession) -> tuple[OracleCompletion, bool]:
        if session.who != who or not session.play:
            raise RefusedError("session_not_found")
        if session.completion:
            return session.completion, False
        self._refuse_untracked()
        if session.status == "abandoned" or self._is_stale(session):
            raise RefusedError("session_abandoned")
        return self._end_play(session, self.now, trust="verified", source="web"), True

    def send(self, who, session: OracleSession, answers: list[Late], event_id) -> tuple[OracleCompletion, bool]:
        """A play that was finished offline. What was answered online stays."""
        if known := self.find_event(who, event_id):
            if session.who != who or known.session is not session:
                raise RefusedError("event_id_reused")
            return known, False
        if session.who != who:
            raise RefusedError("session_not_found")
        if session.play and session.completion:
            return session.completion, False
        if not session.play:
            raise RefusedError("session_not_found")
        if self.now - session.start > CLOCK_BACK:
            raise RefusedError("session_abandoned")
        new = self._accepted(session, answers)
        ended_at = max((given.at for given in {**session.play.given, **new}.values()), default=self.now)
        if not self.now - CLOCK_BACK <= ended_at <= self.now + CLOCK_AHEAD:
            raise RefusedError("clock_out_of_range")
        self._refuse_untracked()
        for question, given in new.items():
            self._give(session, question, given)
        return self._end_play(session, ended_at, trust="offline", source="sync", event_id=event_id), True

    # What is drawn and remembered

    def is_drawn_fairly(self, who, level, asked: list[str]) -> bool:
        """Missed questions come first, then new ones, then the known ones, those not seen for longest."""
        facts, known = self.levels[level], self.remembered[who]
        kinds = {question: self._kind(known.get(question)) for question in facts.question_ids}
        most = facts.drawn or facts.pool
        expected = sorted(kinds.values())[:most]
        seen = [question for question in asked if kinds[question] == "3 known"]
        left = {question for question in kinds if kinds[question] == "3 known"} - set(seen)
        newest = max((known[question].at for question in seen), default=None)
        is_oldest = newest is None or all(known[question].at >= newest for question in left)
        return [kinds[question] for question in asked] == expected and len(set(asked)) == len(asked) and is_oldest

    def remember(self, who, question, *, right: bool, at: datetime, hinted: bool = False) -> None:
        before = self.remembered[who].get(question)
        at = max(at, before.at) if before else at
        was_settled = bool(before) and before.is_settled
        if not right:
            new = Remembered(at, right, is_settled=False, due=at + STEP)
        elif hinted and not was_settled:
            new = Remembered(at, right, is_settled=False, due=at + LONGER_STEP)
        else:
            new = Remembered(at, right, is_settled=True)
        self.remembered[who][question] = new

    # Helpers

    def _kind(self, known: Remembered | None) -> str:
        if known is None:
            return "2 new"
        return "3 known" if known.right else "1 missed"

    def _refuse_question(self, who, session, question):
        if session.who != who or not session.play:
            raise RefusedError("session_not_found")
        if question not in session.play.asked:
            raise RefusedError("question_not_found")

    def _refuse_closed(self, session):
        if session.completion:
            raise RefusedError("play_finished")
        if session.status == "abandoned" or self._is_stale(session):
            raise RefusedError("session_abandoned")

    def _accepted(self, session, answers: Iterable[Late]) -> dict[str, Given]:
        """In the order in which they were given: not before the play began and not later than now."""
        play, new = session.play, {}
        for question, answer, at in answers:
            if question in play.asked and question not in {*play.given, *new}:
                new[question] = Given(answer, min(max(at, session.start), self.now))
        order = sorted(new, key=lambda question: (new[question].at, play.asked.index(question)))
        return {question: new[question] for question in order}

    def _give(self, session, question, given: Given):
        session.play.given[question] = given
        hinted = question in session.play.hints
        self.remember(session.who, question, right=given.right, at=given.at, hinted=hinted)

    def _end_play(self, session, ended_at, *, event_id=None, **about) -> OracleCompletion:
        level, play = self.levels[session.level], session.play
        right, asked = sum(given.right for given in play.given.values()), len(play.asked)
        score = level.max_score * right // asked
        seconds = max(0, int((ended_at - session.start).total_seconds()))
        claim = Claim(session.level, score, seconds, hints=len(play.hints), event_id=event_id, right=right)
        passed = right * 100 >= level.percent * asked
        session.status, session.score = "ended", score
        reason = "session_completion"
        session.completion = self._record(session.who, claim, ended_at, reason, session, passed=passed, **about)
        return session.completion
