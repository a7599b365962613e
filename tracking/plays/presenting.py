"""What a client is told of a play: never what is right before the question was answered."""

from collections.abc import Collection
from typing import Any

from levels.questions.markdown import to_html, to_text
from levels.questions.presenting import correct_answer, present
from tracking.models import LearningSession, PlayQuestion


def show_play(session: LearningSession, rows: Collection[PlayQuestion]) -> dict[str, Any]:
    """The same order of questions and choices each time."""
    answered = [row for row in rows if row.answered_at]
    return {
        "session_id": session.pk,
        "level_id": session.level.level_id,
        "questions": [present(row.question, session.play.seed) for row in rows],
        "answered": [
            {"question_id": row.question.question_id, "answer": row.answer, **_verdict(row)} for row in answered
        ],
    }


def show_verdict(row: PlayQuestion, *, asked: int) -> dict[str, Any]:
    """The same whenever it is asked for: `answered` counts the answers up to this one."""
    return {**_verdict(row), "answered": row.turn, "remaining": asked - (row.turn or 0)}


def _verdict(row: PlayQuestion) -> dict[str, Any]:
    question = row.question
    explanation = question.translated("explanation")
    return {
        "correct": row.correct,
        "correct_answer": correct_answer(question),
        "explanation_html": to_html(explanation),
        "explanation_text": to_text(explanation),
    }
