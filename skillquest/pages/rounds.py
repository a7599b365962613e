"""A play as its page shows it: which questions are answered, and which one comes next."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Self

from django.http import QueryDict
from django.urls import reverse

from levels.models import Level
from skillquest.accounts.models import User
from tracking.models import LearningSession, Play, PlayQuestion

from .questions import Feedback, QuestionForm


@dataclass(frozen=True)
class Asked:
    form: QuestionForm
    number: int
    hint_taken: bool


@dataclass
class Round:
    play: Play
    rows: list[PlayQuestion]

    @classmethod
    def of(cls, play: Play) -> Self:
        return cls(play, list(play.questions.select_related("question").order_by("position")))

    @property
    def session_id(self) -> int:
        return self.play.pk

    @property
    def total(self) -> int:
        return len(self.rows)

    @cached_property
    def left(self) -> list[PlayQuestion]:
        return [row for row in self.rows if row.answered_at is None]

    def row(self, question_id: str | None) -> PlayQuestion | None:
        return next((row for row in self.rows if row.question.question_id == question_id), None)

    def asked(self, row: PlayQuestion, data: QueryDict | None = None) -> Asked:
        form = QuestionForm(row.question, self.play.seed, data)
        return Asked(form, self.rows.index(row) + 1, row.hint_taken)

    def stones(self, current: PlayQuestion | None) -> list[str]:
        """How each question stands, as the names of styles."""
        return [_stone(row, row is current) for row in self.rows]


def _stone(row: PlayQuestion, is_current: bool) -> str:
    if row.answered_at:
        return "completed" if row.correct else "wrong"
    return "current" if is_current else ""


def feedback_on(row: PlayQuestion) -> Feedback:
    return Feedback(row.question, answer=row.answer, correct=bool(row.correct))


def open_play(learner: User, level: Level, at: datetime) -> Play | None:
    sessions = LearningSession.objects.active(at).filter(learner=learner, level=level, is_play=True)
    return Play.objects.filter(session__in=sessions).select_related("session").first()


def context_of(round_: Round, level: Level, row: PlayQuestion | None, data: QueryDict | None = None) -> dict:
    """What the page shows: `row` as a question, or as feedback where it is answered, or neither."""
    asked = round_.asked(row, data) if row and row.answered_at is None else None
    return {
        "level": level,
        "round": round_,
        "session_id": round_.session_id,
        "total": round_.total,
        "stones": round_.stones(row),
        "asked": asked,
        "feedback": feedback_on(row) if row and row.answered_at else None,
        "waiting": [round_.asked(other) for other in round_.left if other is not row],
        "action": reverse("play-answer", args=[level.level_id]),
        "hint_action": reverse("play-hint", args=[level.level_id]),
    }
