"""Days of learners (active, frozen, pardoned), their freezes, and their changes of time zone."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class DayKind(models.TextChoices):
    """Frozen: a freeze was used for the date. Pardoned: an amnesty excuses it, so missing it breaks no streak."""

    ACTIVE = "active"
    FROZEN = "frozen"
    PARDONED = "pardoned"


class ActivityDay(models.Model):
    """One local date of a learner on which they were active, or which does not count as missed."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="activity_days", db_index=False)
    date = models.DateField()
    kind = models.CharField(max_length=10, choices=DayKind.choices)
    completed = models.BooleanField(default=False, help_text="Its first completion was recorded; check-ins are none.")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["learner", "date"]
        constraints = [
            # A date counts once, however many completions and devices it saw.
            models.UniqueConstraint(fields=["learner", "date"], name="activity_day_once"),
        ]
        indexes = [
            # Who was active on a date (analytics).
            models.Index(fields=["date", "learner"], condition=Q(kind="active"), name="active_days_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"


class FreezeEvent(models.Model):
    """A freeze that was granted, used for a date, or returned.

    What a learner has available is always their `first_freezes` plus the sum of `delta`.
    """

    class Kind(models.TextChoices):
        GRANTED = "granted"
        USED = "used"
        RETURNED = "returned"

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="freeze_events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    delta = models.SmallIntegerField()
    date = models.DateField(help_text="The streak day that earned it, or the date for which it is (or was) used.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["learner", "pk"]
        constraints = [
            # A use takes one, the others add one; anything else would not explain the number that is available.
            models.CheckConstraint(
                condition=Q(kind="used", delta=-1) | Q(kind__in=["granted", "returned"], delta=1),
                name="freeze_event_delta_fits_kind",
            ),
        ]
        # The figures of a date are read from its own events (analytics).
        indexes = [models.Index(fields=["date"], name="freeze_events_by_date")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.date}"


class DayRepair(models.Model):
    """Staff have pardoned one date of one learner: a missed one, or one for which a freeze was used and came back."""

    class Kind(models.TextChoices):
        FREEZE_RETURNED = "freeze_returned"
        REPAIRED = "repaired"

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="day_repairs", db_index=False)
    date = models.DateField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    reason = models.CharField(max_length=100, help_text="What the learner may read.")
    note = models.TextField(help_text="For colleagues and auditors.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "repaired day"
        ordering = ["-pk"]
        permissions = [("repair_days", "Can return freezes to learners and repair their missed days")]
        constraints = [
            # A date is pardoned once, however often staff click.
            models.UniqueConstraint(fields=["learner", "date"], name="day_repaired_once"),
            # Nobody repairs their own days, even if the code above fails to check it.
            models.CheckConstraint(condition=~Q(actor=F("learner")), name="repaired_day_not_ones_own"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.date}"


class TimeZoneChange(models.Model):
    """From `effective_from` on, a learner's local dates are those of `time_zone`; earlier ones stay as they were."""

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="time_zone_changes", db_index=False
    )
    before = models.CharField(max_length=64, help_text="The zone in force until then.")
    time_zone = models.CharField(max_length=64)
    effective_from = models.DateTimeField()

    class Meta:
        ordering = ["learner", "effective_from"]
        indexes = [models.Index(fields=["learner", "effective_from"], name="zone_changes_in_order")]

    def __str__(self) -> str:
        return f"{self.time_zone} from {self.effective_from}"
