"""Whether an answer is right, what a retry is, and what the answers of a play add up to."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gamification.awards import Reward
from levels.models import Question
from levels.questions.judging import InvalidAnswer, UnknownChoice, is_right, read_answer
from tracking.errors import AnswerNotUnderstood, QuestionChanged
from tracking.models import Completion, PlayQuestion
from tracking.recording.answers import session_answer


@dataclass(frozen=True)
class Judged:
    """`answer` in its normal form: two that mean the same are equal."""

    answer: Any
    correct: bool


def judge(question: Question, answer: Any, *, shown_at: datetime) -> Judged:
    """Raise AnswerNotUnderstood, or QuestionChanged where the choice may have been there when the play began."""
    try:
        return Judged(read_answer(question, answer), is_right(question, answer))
    except UnknownChoice as problem:
        if question.updated_at > shown_at:
            raise QuestionChanged from None
        raise AnswerNotUnderstood(str(problem)) from None
    except InvalidAnswer as problem:
        raise AnswerNotUnderstood(str(problem)) from None


def is_same_answer(row: PlayQuestion, answer: Any) -> bool:
    """Also where the question has changed since, so that the answer cannot be read any more."""
    if answer == row.answer:
        return True
    try:
        return bool(read_answer(row.question, answer) == row.answer)
    except (InvalidAnswer, UnknownChoice):
        return False


@dataclass(frozen=True)
class Tally:
    """What the answers of a play add up to."""

    right: int
    asked: int
    hints: int
    skills_to_practise: list[str]

    def passes(self, percent: int) -> bool:
        return self.asked > 0 and self.right * 100 >= percent * self.asked

    def score(self, max_score: int) -> int:
        return max_score * self.right // self.asked if self.asked else 0

    @property
    def metadata(self) -> dict[str, int]:
        return {"hints_used": self.hints, "correct_answers": self.right, "total_questions": self.asked}

    def answer(self, completion: Completion, earned: Reward) -> dict[str, Any]:
        skills = [] if completion.passed else self.skills_to_practise
        found = {"right": self.right, "asked": self.asked, "skills_to_practise": skills}
        return {**session_answer(completion, earned), **found}


def tally_of(rows: Collection[PlayQuestion]) -> Tally:
    """What was not answered is wrong."""
    wrong = [row.question for row in rows if not row.correct and row.question.skill]
    missed, shown = Counter(one.skill for one in wrong), {one.skill: one.translated("skill") for one in wrong}
    return Tally(
        right=sum(bool(row.correct) for row in rows),
        asked=len(rows),
        hints=sum(row.hint_taken for row in rows),
        skills_to_practise=[shown[skill] for skill in sorted(missed, key=lambda skill: (-missed[skill], skill))],
    )
