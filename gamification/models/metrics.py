"""Metrics as data: which numbers are kept for every learner, what they pay, and each learner's totals of them."""

import re
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, JSONObject

from catalogues.texts import NormalCharField
from change_history.querysets import TrackedQuerySet
from change_history.records import ChangeHistory
from gamification.conditions.metrics import reserved_names
from gamification.pricing.metrics import fraction_of, xp_for

from .ledger import MAX_DELTA
from .limit_sets import ObjectOf

MAX_VALUE = 1_000_000
BOARD_PREFIX = "metric:"  # of the names of their leaderboards
MAX_METRIC_ID = 40
# No double underscore and no digit at first: an id is a key in JSON columns, where Django would read them otherwise.
METRIC_ID = re.compile(r"\A[a-z][a-z0-9]*([_-][a-z0-9]+)*\Z")
validate_metric_id = RegexValidator(
    METRIC_ID.pattern,
    "Use lower-case letters, digits, and single hyphens or underscores between them, such as pages_read.",
)


class MetricQuerySet(TrackedQuerySet["Metric"]):
    def published(self) -> "MetricQuerySet":
        return self.filter(published=True)

    def custom(self) -> "MetricQuerySet":
        """Those that staff made; what completions and days are counted by is built in."""
        return self.filter(built_in=False)

    def as_text(self) -> models.QuerySet[Any, Any]:
        """One row of one text: the JSON that `gamification.metrics.read_metrics` reads. NULL without any metric."""
        of_one = JSONObject(
            per_event_max=F("per_event_max"),
            per_day_max=F("per_day_max"),
            xp_per_unit=F("xp_per_unit"),
            counts_as_activity=F("counts_as_activity"),
            reported_by=F("reported_by"),
            published=F("published"),
        )
        one_group = self.order_by().annotate(group=Value(1)).values("group")
        return one_group.annotate(text=Cast(ObjectOf(F("metric_id"), of_one), models.TextField())).values("text")


class Metric(models.Model):
    """A number that is kept for every learner. The built-in ones are counted by the server and never reported."""

    class ReportedBy(models.TextChoices):
        KEY = "key", "Server keys only"
        LEARNER = "learner", "Learners' own clients too"

    metric_id = models.CharField(
        max_length=MAX_METRIC_ID,
        unique=True,
        validators=[validate_metric_id],
        help_text="The name that clients and conditions use, such as pages_read. It is never changed.",
    )
    name = NormalCharField(max_length=100, help_text="What people read, such as “Pages read”.")
    unit = NormalCharField(max_length=20, blank=True, help_text="Written after the number, such as “pages” or “km”.")
    per_event_max = models.PositiveIntegerField(
        "most in one event",
        null=True,
        default=1000,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_VALUE)],
        help_text="A larger value is refused; inside the metadata of a completion it counts as this.",
    )
    per_day_max = models.PositiveIntegerField(
        "most on one date",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_VALUE * 1000)],
        help_text="Of one learner, by their local date; what is above does not count. Empty: no limit.",
    )
    xp_per_unit = models.CharField(
        "XP for one unit",
        max_length=20,
        default="0",
        help_text="A whole number or a fraction such as 1/100; 0 pays nothing. Each event is rounded down once.",
    )
    counts_as_activity = models.BooleanField(
        default=False, help_text="An event makes its date a day of the streak. It never pays the bonus of a date."
    )
    reported_by = models.CharField(max_length=10, choices=ReportedBy.choices, default=ReportedBy.KEY, blank=True)
    published = models.BooleanField(default=True, help_text="Otherwise nothing can be reported, and it has no board.")
    built_in = models.BooleanField(default=False, editable=False)

    objects = MetricQuerySet.as_manager()
    history = ChangeHistory()

    class Meta:
        ordering = ["built_in", "metric_id"]
        constraints = [
            # What can be reported has to say by whom, and how much at once.
            models.CheckConstraint(
                condition=Q(built_in=True, reported_by="", per_event_max=None)
                | Q(
                    built_in=False,
                    per_event_max__isnull=False,
                    per_event_max__range=(1, MAX_VALUE),
                    reported_by__in=["key", "learner"],
                ),
                name="metric_can_be_reported",
            ),
        ]

    def __str__(self) -> str:
        return self.metric_id

    @property
    def board(self) -> str:
        """The name of its leaderboard."""
        return f"{BOARD_PREFIX}{self.metric_id}"

    def clean(self) -> None:
        if not self.built_in:
            self._clean_id()
            self._clean_numbers()

    def is_used(self) -> bool:
        """Learners have reported it: each event and each total refers to it."""
        relations = (relation for relation in self._meta.related_objects if relation.on_delete is models.PROTECT)
        return any(getattr(self, str(relation.get_accessor_name())).exists() for relation in relations)

    def delete(self, **_: Any) -> NoReturn:
        """Use `gamification.metrics.delete_metric`, which knows who needs it."""
        raise TypeError("A metric is deleted by delete_metric.")

    def _clean_id(self) -> None:
        if self.metric_id in reserved_names():
            raise ValidationError({"metric_id": f"“{self.metric_id}” already means something else."})

    def _clean_numbers(self) -> None:
        if self.per_event_max is None:
            raise ValidationError({"per_event_max": "This field is required."})
        if not self.reported_by:
            raise ValidationError({"reported_by": "This field is required."})
        try:
            price = fraction_of(self.xp_per_unit)
        except ValueError as error:
            raise ValidationError({"xp_per_unit": str(error)}) from error
        if xp_for(self.per_event_max, price) > MAX_DELTA:
            raise ValidationError({"xp_per_unit": f"One event could pay more than {MAX_DELTA} XP."})


class MetricTotalQuerySet(models.QuerySet["MetricTotal"]):
    def ranked(self, metric_id: str, *, verified: bool) -> "MetricTotalQuerySet":
        """Everybody on its board, with `score`."""
        column = "verified_total" if verified else "total"
        return self.filter(metric=metric_id, listed=True, **{f"{column}__gt": 0}).annotate(score=F(column))


class MetricTotal(models.Model):
    """A learner's total of a metric that staff made, for boards: derived from the profile, and written with it."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    # No index: metrics with totals are never deleted, and boards have one of their own.
    metric = models.ForeignKey(Metric, models.PROTECT, to_field="metric_id", related_name="totals", db_index=False)
    total = models.BigIntegerField()
    verified_total = models.BigIntegerField(default=0, help_text="Of what a server key reported.")
    listed = models.BooleanField(help_text="That of the learner's profile.")

    objects = MetricTotalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["learner", "metric"], name="one_total_a_metric"),
        ]
        indexes = [
            # Covering, as those of LearnerProfile: a board is read from its index alone.
            models.Index(
                fields=["metric", "-total", "learner"],
                condition=Q(listed=True, total__gt=0),
                name="metric_board",
            ),
            models.Index(
                fields=["metric", "-verified_total", "learner"],
                condition=Q(listed=True, verified_total__gt=0),
                name="metric_board_verified",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id}: {self.total}"
