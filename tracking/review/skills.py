"""How much of each skill a learner remembers now."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from levels.models import Question

from .questions import known_to


def skills_of(*, learner: Any, at: datetime) -> list[dict[str, Any]]:
    """Of each skill of which the learner has answered a question, by name. Two statements.

    `percent` is the share, rounded down, of all questions of the skill that are remembered: answered rightly at last
    and not due yet, so that the chance of a right answer is about 90 percent or more.
    """
    is_remembered = Q(correct=True, due__gt=at)  # as in memory.py
    counts = {"known": Count("pk"), "remembered": Count("pk", filter=is_remembered)}
    mine = known_to(learner.pk).exclude(question__skill="").values("question__skill").annotate(**counts)
    by_skill = {row.pop("question__skill"): row for row in mine.order_by()}
    questions = Question.objects.published().filter(level__published=True, skill__in=by_skill)
    totals = dict(questions.order_by().values_list("skill").annotate(Count("pk")))
    return [
        {"skill": skill, "questions": totals[skill], **row, "percent": 100 * row["remembered"] // totals[skill]}
        for skill, row in sorted(by_skill.items())
    ]
