"""Why a question is due, or not yet: the numbers of the algorithm, and one sentence."""

from datetime import datetime
from typing import Any

from gamification.awards import profile_of
from gamification.explanations import on_date
from gamification.models import LearnerProfile
from gamification.streaks import local_date
from tracking.models import QuestionMemory

from .memory import is_remembered, retrievability
from .questions import find_memory


def why_due(*, learner: Any, question_id: str, at: datetime) -> dict[str, Any]:
    """Raise QuestionNotFound."""
    memory = find_memory(learner.pk, question_id)
    return {
        "question_id": question_id,
        "correct": memory.correct,
        "answered_at": memory.last_review,
        "stability_days": round(memory.stability, 2),
        "retrievability": round(retrievability(memory, at), 4),
        "remembered": is_remembered(memory, at),
        "is_due": memory.due <= at,
        "due_at": memory.due,
        "why": why_sentence(memory, profile_of(learner), at),
    }


def why_sentence(memory: QuestionMemory, profile: LearnerProfile, at: datetime) -> str:
    answered_on, due_on = (on_date(local_date(profile, moment)) for moment in (memory.last_review, memory.due))
    due = f"so it has been due since {due_on}" if memory.due <= at else f"so it is due on {due_on}"
    answered = f"You last answered this question on {answered_on}"
    if not memory.correct:
        return f"{answered}, and wrongly, {due}."
    if memory.step is not None:
        return f"{answered}, and rightly, but with a hint, {due}."
    falls = f"The chance that you know it falls to 90% after {memory.stability:.1f} days"
    return f"{answered}, and rightly. {falls}; now it is {retrievability(memory, at):.0%}, {due}."
