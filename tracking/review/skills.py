"""How much of each skill a learner remembers now."""

from collections.abc import Iterable
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db.models import Count, Max, Q, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from levels.models import Question

from .questions import known_to


def skills_of(*, learner: Any, at: datetime) -> list[dict[str, Any]]:
    """Of each skill of which the learner has answered a question, by its name in the active language. Two statements.

    `percent` is the share, rounded down, of all questions of the skill that are remembered: answered rightly at last
    and not due yet, so that the chance of a right answer is about 90 percent or more.
    """
    is_remembered = Q(correct=True, due__gt=at)  # as in memory.py
    counts = {"known": Count("pk"), "remembered": Count("pk", filter=is_remembered)}
    mine = known_to(learner.pk).exclude(question__skill="").values("question__skill").annotate(**counts)
    by_skill = {row.pop("question__skill"): row for row in mine.order_by()}
    totals = _totals(by_skill)
    found = [
        {"skill": shown, "questions": total, **by_skill[skill], "percent": 100 * by_skill[skill]["remembered"] // total}
        for skill, (total, shown) in totals.items()
    ]
    return sorted(found, key=itemgetter("skill"))


def _totals(skills: Iterable[str]) -> dict[str, tuple[int, str]]:
    """By skill as the questions name it: how many questions it has, and its name in the active language."""
    questions = Question.objects.published().filter(level__published=True, skill__in=skills).order_by()
    shown = Coalesce(Max(KT(f"translations__{get_language()}__skill")), "skill", output_field=TextField())
    rows = questions.values_list("skill").annotate(total=Count("pk"), shown=shown)
    return {skill: (total, name) for skill, total, name in rows}
