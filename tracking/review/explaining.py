"""Why a question is due, or not yet: the numbers of the algorithm, and one sentence."""

from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

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
    due = _("so it has been due since %(day)s") if memory.due <= at else _("so it is due on %(day)s")
    values = {"day": answered_on, "due": due % {"day": due_on}}
    if not memory.correct:
        return _("You last answered this question on %(day)s, and wrongly, %(due)s.") % values
    if memory.step is not None:
        return _("You last answered this question on %(day)s, and rightly, but with a hint, %(due)s.") % values
    values |= {"days": number_format(memory.stability, 1), "now": round(retrievability(memory, at) * 100)}
    return (
        _(
            "You last answered this question on %(day)s, and rightly. The chance that you know it falls to 90%% after "
            "%(days)s days; now it is %(now)s%%, %(due)s."
        )
        % values
    )
