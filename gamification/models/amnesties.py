"""Amnesties: what each would change for learners (a preview), and what it has changed (so that it can be undone)."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class AmnestyQuerySet(models.QuerySet["Amnesty"]):
    def standing(self) -> "AmnestyQuerySet":
        """Those that nobody has undone."""
        return self.filter(undone_at=None)


class Amnesty(models.Model):
    """A span of time in which the service was down: no streak breaks because of it and no freeze is used.

    Each learner's own days have it as pardoned rows, so its span never changes. See `gamification.staff.amnesties`.
    """

    # One more than the last one's, so that a learner to whom number n was applied has all before it: unlike keys of a
    # sequence, n + 1 cannot be inserted before n is committed.
    number = models.PositiveIntegerField(unique=True, editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(editable=False)
    keeps_effects = models.BooleanField(
        default=True,
        db_default=False,
        editable=False,
        help_text="What it changes is kept for each learner; older amnesties cannot be undone.",
    )
    undone_at = models.DateTimeField(null=True, editable=False, help_text="From then on it is applied to nobody.")
    undo_job = models.ForeignKey(
        "jobs.Job", models.PROTECT, null=True, editable=False, related_name="+", help_text="The latest attempt."
    )

    objects = AmnestyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "amnesties"
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="amnesty_ends_after_it_starts",
                violation_error_message="It must end after it starts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} ({span_of(self.starts_at, self.ends_at)})"


def span_of(starts_at: datetime, ends_at: datetime) -> str:
    return f"{starts_at:%Y-%m-%d %H:%M} to {ends_at:%Y-%m-%d %H:%M} UTC"


class AmnestyEffect(models.Model):
    """What an amnesty does to the days of one learner, none of whose other rows it changes."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    days: Any = models.JSONField(help_text="The dates that it pardons.")
    returned: Any = models.JSONField(default=list, help_text="Those of them whose freeze comes back.")
    streak_before = models.PositiveIntegerField()
    streak_after = models.PositiveIntegerField()
    has_earned = models.BooleanField(default=False, help_text="It unlocks achievements or badges.")

    class Meta:
        abstract = True

    @property
    def dates(self) -> list[date]:
        return [date.fromisoformat(day) for day in self.days]

    @property
    def outcome(self) -> tuple[Any, ...]:
        """What a preview promises."""
        return self.days, self.returned, self.streak_before, self.streak_after


class AppliedAmnesty(AmnestyEffect):
    """What an amnesty has changed. The row is deleted when that is undone."""

    amnesty = models.ForeignKey(Amnesty, models.PROTECT, related_name="effects", db_index=False)
    frozen: Any = models.JSONField(default=list, help_text="Those of the days that were frozen, not missed.")
    applied_at = models.DateTimeField()
    # What shows whether something depends on it: see `gamification.streaks.effects`.
    state = models.CharField(max_length=64, help_text="A hash of the totals when it had been applied.")
    behind = models.CharField(max_length=64, help_text="A hash of the days that follow the pardoned ones.")
    has_given = models.BooleanField(help_text="The streak became longer or alive again, or freezes came back.")
    is_used = models.BooleanField(default=False, help_text="Something depends on it, as the last check has found.")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["amnesty", "learner"], name="amnesty_applied_once")]
        indexes = [models.Index(fields=["amnesty", "learner"], condition=Q(is_used=True), name="amnesties_in_use")]

    def __str__(self) -> str:
        return f"{', '.join(self.days)} pardoned"


class AmnestyPreview(models.Model):
    """What an amnesty would do, found before it is granted."""

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    after = models.PositiveIntegerField(help_text="The number of the newest amnesty then.")
    undone = models.PositiveIntegerField(help_text="How many amnesties were undone then.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    cursor: Any = models.JSONField(default=dict)
    job = models.ForeignKey("jobs.Job", models.PROTECT, null=True, related_name="+")
    figures: Any = models.JSONField(null=True, help_text="What it found in sum, once it has ended.")
    amnesty = models.OneToOneField(Amnesty, models.PROTECT, null=True, related_name="preview")

    class Meta:
        default_permissions = ()
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Preview of {span_of(self.starts_at, self.ends_at)}"

    @property
    def is_finished(self) -> bool:
        return self.figures is not None


class PreviewedLearner(AmnestyEffect):
    """What it would change for one learner; those whose days stay as they are have none."""

    preview = models.ForeignKey(AmnestyPreview, models.CASCADE, related_name="learners", db_index=False)
    gain = models.PositiveIntegerField(help_text="By how many days the streak becomes longer.")
    xp = models.PositiveIntegerField(default=0, help_text="What achievements pay that it unlocks.")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["preview", "learner"], name="amnesty_previewed_once")]
        indexes = [models.Index(fields=["preview", "-gain", "learner"], name="amnesty_previews_by_gain")]

    def __str__(self) -> str:
        return f"{self.streak_before} -> {self.streak_after}"
