"""The category that a completed level counts for: each counts once, whatever it is called later.

A completion stores the name under which its level counts. If its category is renamed, further completions of the level,
and of others of that category, store the name that the learner has counted already; so stored names never change.
"""

from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Subquery, When
from django.db.models.functions import Coalesce

from gamification.models import FirstTime
from levels.models import Level
from tracking.models import Completion, SessionQuerySet

METRIC = "categories_completed"


def counted_category(learner: Any, *, level: str = "pk", category: str = "category") -> Coalesce:
    """The name, for a queryset in which `level` and `category` lead to a level's key and category.

    A renamed category is one whose name no level has any more, while levels that counted for it are in the present one.
    """
    passed = Completion.objects.passed_levels(learner).exclude(category="").order_by("created_at")
    of_level = passed.filter(level=OuterRef(level))
    counted = FirstTime.objects.filter(learner=learner, metric=METRIC)
    is_counted = Exists(counted.filter(value=OuterRef(category)))
    # Few learners have counted a category that no level has any more. Only theirs is looked for in all its levels.
    has_renamed = ~Exists(Level.objects.filter(category=OuterRef("value")))
    renamed = passed.filter(level__category=OuterRef(category)).exclude(category__in=Level.objects.values("category"))
    return Coalesce(
        Subquery(of_level.values("category")[:1]),
        Case(
            When(is_counted, then=F(category)),
            When(Exists(counted.filter(has_renamed)), then=Subquery(renamed.values("category")[:1])),
        ),
        F(category),
        output_field=CharField(),
    )


def with_counted_category(sessions: SessionQuerySet, learner: Any) -> SessionQuerySet:
    """Sessions with their level, and `counted_category` of it."""
    category = counted_category(learner, level="level", category="level__category")
    return sessions.select_related("level").annotate(counted_category=category)
