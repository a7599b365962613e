"""The ledger: every change of XP is one entry, and entries never change."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from .rule_sets import XPRuleSet
from .trust import trust_field

MAX_TOTAL_XP = 2**53 - 1  # the largest integer that every JSON parser keeps exact
MAX_DELTA = 1_000_000


class LedgerQuerySet(models.QuerySet):
    def newest_first(self) -> "LedgerQuerySet":
        return self.order_by("-sequence")


class LedgerEntry(models.Model):
    """One change of a learner's XP. Append-only: triggers refuse everything but the next entry of a learner's chain.

    See `gamification.ledger.triggers`.
    """

    class Reason(models.TextChoices):
        SESSION_COMPLETION = "session_completion"
        LEVEL_COMPLETION = "level_completion"
        ATTEMPT_PASSED = "attempt_passed"
        TRAINING_PROGRESS = "training_progress"
        METRIC = "metric"
        REVIEW = "review"
        STREAK_BONUS = "streak_bonus"
        ACHIEVEMENT = "achievement"
        MANUAL_ADJUSTMENT = "manual_adjustment"
        REVERSAL = "reversal"
        RECALCULATION = "recalculation"
        IMPORT = "import"
        CARRIED_FORWARD = "carried_forward"

    # `reference_type` of entries that an achievement paid; their `reference_id` is its `achievement_id`.
    ACHIEVEMENT_REFERENCE = "achievement"

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="ledger", db_index=False)
    sequence = models.PositiveBigIntegerField(help_text="1, 2, 3… for each learner, without gaps.")
    delta = models.BigIntegerField(validators=[MinValueValidator(-MAX_DELTA), MaxValueValidator(MAX_DELTA)])
    reason = models.CharField(max_length=20, choices=Reason.choices)
    reference_type = models.CharField(
        max_length=40, help_text="What kind of thing this entry pays, such as a completion."
    )
    reference_id = models.CharField(max_length=100, help_text="Which one of that kind; it is paid once.")
    subject = models.CharField(max_length=100, blank=True, help_text="What it was about; repeat policies sum over it.")
    balance_after = models.BigIntegerField()
    # No index: it would cost every insert, and only deleting a draft would use it.
    rule_set = models.ForeignKey(
        XPRuleSet, models.PROTECT, to_field="version", db_column="rule_version", db_index=False
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    note = models.TextField(blank=True)
    trust = trust_field("How far the result that it pays can be relied on.")
    reversal_of = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    metadata = models.JSONField(default=dict, blank=True)
    effective_at = models.DateTimeField(help_text="When it was earned.")
    created_at = models.DateTimeField(help_text="When it was written.")

    objects = LedgerQuerySet.as_manager()

    class Meta:
        db_table = "xp_history"
        verbose_name, verbose_name_plural = "ledger entry", "ledger entries"
        ordering = ["learner", "sequence"]
        permissions = [
            ("award_xp", "Can adjust XP"),
            ("reverse_since", "Can reverse many entries of a learner at once"),
        ]
        constraints = [
            # One chain per learner: of two writers that do not see each other's entry, the second fails here.
            models.UniqueConstraint(fields=["learner", "sequence"], name="ledger_sequence_unique"),
            # A reference is paid once, even if the code above fails to check it.
            models.UniqueConstraint(
                fields=["learner", "reference_type", "reference_id"],
                condition=Q(reversal_of__isnull=True),
                name="ledger_deed_paid_once",
            ),
            # An entry without effect would explain nothing.
            models.CheckConstraint(condition=~Q(delta=0), name="ledger_delta_not_zero"),
            models.CheckConstraint(
                condition=Q(delta__range=(-MAX_DELTA, MAX_DELTA)) | Q(reason="carried_forward"),
                name="ledger_delta_in_range",
            ),
            models.CheckConstraint(condition=Q(balance_after__range=(0, MAX_TOTAL_XP)), name="ledger_balance_in_range"),
        ]
        indexes = [
            models.Index(fields=["learner", "subject"], name="ledger_by_subject"),
            # The figures of a date are read from its own entries (analytics).
            models.Index(fields=["effective_at"], name="ledger_by_effective_time"),
            # Only entries written by staff have an actor, and they are few.
            models.Index(fields=["actor"], condition=Q(actor__isnull=False), name="ledger_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.delta:+d} XP, {self.get_reason_display()}"

    @property
    def stated_reason(self) -> str:
        """The first line of the note, which the learner may read; the other lines are for colleagues."""
        return self.note.partition("\n")[0].strip()
