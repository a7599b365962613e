"""The limits of plausibility: their versions, and what each learner has used of them."""

import copy
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Aggregate, F, Func, Q

from change_history.records import ChangeHistory
from gamification.pricing.limits import DEFAULT_LIMITS, validate_limits

from .versions import Version


def default_limits() -> dict[str, Any]:
    return copy.deepcopy(DEFAULT_LIMITS)


class LimitSet(Version):
    """One version of the limits."""

    NUMBERS = "limits"

    limits = models.JSONField(default=default_limits, validators=[validate_limits])

    history = ChangeHistory(leave_out=["created_at"])

    class Meta(Version.Meta):
        verbose_name = "limits"
        verbose_name_plural = "limits"
        constraints = [
            # Every completion is judged by the one published version.
            models.UniqueConstraint(fields=["status"], condition=Q(status="published"), name="one_published_limit_set"),
        ]


class ArrayOf(Func):
    """A JSON array of JSON columns."""

    function = "JSONB_BUILD_ARRAY"
    output_field = models.JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """Columns are text there, which has to be parsed."""
        parsed = [Func(each, function="JSON", output_field=models.JSONField()) for each in self.source_expressions]
        array = self.copy()
        array.set_source_expressions(parsed)
        return array.as_sql(compiler, connection, function="JSON_ARRAY", **context)


class ObjectOf(Aggregate):
    """A JSON object of the keys and the JSON values of all rows."""

    function = "JSONB_OBJECT_AGG"
    output_field = models.JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="JSON_GROUP_OBJECT", **context)


class DayUsageQuerySet(models.QuerySet["DayUsage"]):
    def between(self, first: date, last: date) -> Self:
        return self.filter(date__range=(first, last))

    def by_date(self) -> Self:
        """One row of one value, an object: date -> [by_hour, by_day]."""
        one_group = self.order_by().values("learner")
        return one_group.annotate(used=ObjectOf(F("date"), ArrayOf(F("by_hour"), F("by_day")))).values("used")


class DayUsage(models.Model):
    """What a learner has used of the limits on one date; read and written under the lock of the learner's profile.

    `by_hour` belongs to the UTC date, `by_day` to the learner's local date of the same name. See `awards.usage`.
    """

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    date = models.DateField()
    by_hour = models.JSONField(default=dict)
    by_day = models.JSONField(default=dict)

    objects = DayUsageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["learner", "date"], name="one_usage_a_date"),
        ]

    def __str__(self) -> str:
        return f"{self.date}"
