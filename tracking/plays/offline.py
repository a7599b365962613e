"""Plays whose last answers were given offline: judged when they arrive, together with the answers given before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException

from hotsql.writes import update_rows
from levels.models import Level
from tracking.errors import QuestionChanged, SessionAbandoned, SessionNotFound
from tracking.models import LearningSession, PlayQuestion
from tracking.recording.completions import Claim
from tracking.review.remembering import remember

from .judging import Tally, judge, tally_of
from .rows import ANSWERED, UNUSED


@dataclass(frozen=True)
class LateAnswer:
    question_id: str
    answer: Any
    answered_at: datetime


class LatePlay:
    """A locked play with the answers that arrive for it. Those that it has already stay as they are."""

    def __init__(
        self, session: LearningSession, rows: Sequence[PlayQuestion], answers: Iterable[LateAnswer], at: datetime
    ) -> None:
        self.session, self.rows, self.at = session, rows, at
        given: dict[str, LateAnswer] = {}
        for answer in answers:
            given.setdefault(answer.question_id, answer)
        self.changed: set[int] = set()  # keys of questions that cannot be judged any more
        self.new = [row for row in rows if self._take(row, given.get(row.question.question_id))]

    @property
    def tally(self) -> Tally:
        return tally_of([row for row in self.rows if row.pk not in self.changed])

    @property
    def passed(self) -> bool:
        return self.tally.passes(self.session.play.pass_percent)

    def claim(self, claim: Claim, rules: Level) -> Claim:
        """What the play comes to: it ended with its last answer."""
        tally, ended_at = self.tally, max((row.answered_at for row in self.rows if row.answered_at), default=self.at)
        lasted = max(ended_at - self.session.start_time, timedelta(0))
        return Claim(
            level=claim.level,
            score=tally.score(rules.max_score),
            time_spent=int(lasted.total_seconds()),
            metadata=tally.metadata,
            client_event_id=claim.client_event_id,
            occurred_at=ended_at,
        )

    def _take(self, row: PlayQuestion, given: LateAnswer | None) -> bool:
        """Whether the question gets this answer: not before the play began and not later than now, whatever the
        client's clock says.
        """
        if given is None or row.answered_at:
            return False
        row.answered_at = min(max(given.answered_at, self.session.start_time), self.at)
        try:
            judged = judge(row.question, given.answer, shown_at=self.session.start_time)
        except QuestionChanged:
            self.changed.add(row.pk)
            row.answered_at = None
            return False
        except APIException:
            row.answer, row.correct = None, False
        else:
            row.answer, row.correct = judged.answer, judged.correct
        return True


def questions_by_play(sessions: Iterable[LearningSession]) -> dict[int, list[PlayQuestion]]:
    """One statement, however many."""
    rows = PlayQuestion.objects.filter(play__in=[session.pk for session in sessions])
    by_play: dict[int, list[PlayQuestion]] = defaultdict(list)
    for row in rows.select_related("question").defer(*UNUSED).order_by("play", "position"):
        by_play[row.play_id].append(row)
    return by_play


def late_refusal(session: LearningSession, at: datetime) -> APIException | None:
    """A play can be sent for as long as other events, also where it was abandoned meanwhile."""
    if not session.is_play:
        return SessionNotFound()
    return SessionAbandoned() if session.start_time < at - settings.EVENT_MAX_AGE else None


def store_answers(plays: Iterable[LatePlay]) -> None:
    """The answers in the order in which they were given; what learners remember follows them."""
    new = [(play, row) for play in plays for row in _in_turn(play)]
    update_rows([row for _, row in new], ANSWERED)
    for play, row in sorted(new, key=lambda pair: (pair[0].session.learner_id, pair[1].question_id)):
        remember(
            learner_id=play.session.learner_id,
            question=row.question,
            correct=bool(row.correct),
            at=row.answered_at,
            hint_taken=row.hint_taken,
        )


def _in_turn(play: LatePlay) -> list[PlayQuestion]:
    before = len([row for row in play.rows if row.turn])
    new = sorted(play.new, key=lambda row: (row.answered_at, row.position))
    for turn, row in enumerate(new, start=before + 1):
        row.turn = turn
    return new
