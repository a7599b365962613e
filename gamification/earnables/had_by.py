"""What can be earned, and which of several learners had it already: in one statement."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Aggregate, JSONField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from gamification.models import BadgeAward, Requirement, Unlock

from .unlocking import published_requirements


class ListOf(Aggregate):
    """A JSON array of the values of all rows."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)


def requirements_had_by(learner_ids: Sequence[int]) -> QuerySet[Requirement]:
    """All published ones, each with those of these learners who have its owner, or had it: `had_by`."""
    unlocked = Unlock.objects.filter(learner_id__in=learner_ids, achievement_id=OuterRef("achievement_id"))
    awarded = BadgeAward.objects.filter(learner_id__in=learner_ids, badge_id=OuterRef("badge_id"))
    had_by = [
        Subquery(rows.order_by().values(owner).annotate(ids=ListOf("learner_id")).values("ids"))
        for rows, owner in [(unlocked, "achievement_id"), (awarded, "badge_id")]
    ]
    return published_requirements(Q()).annotate(had_by=Coalesce(*had_by, Value([], JSONField())))
