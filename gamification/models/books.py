"""The ledger, and the rules that priced each of its lines."""

import copy

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from gamification.pricing.rules import DEFAULT_RULES, validate_rules

MAX_TOTAL_XP = 2**53 - 1  # the largest integer that every JSON reader keeps exact
MAX_DELTA = 1_000_000


def default_rules():
    return copy.deepcopy(DEFAULT_RULES)


class RuleSetQuerySet(models.QuerySet):
    def published(self):
        return self.filter(status=XPRuleSet.Status.PUBLISHED)


class XPRuleSet(models.Model):
    """The numbers by which XP is paid. Staff edit a draft; once published a version never changes."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    version = models.PositiveIntegerField(unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    note = models.CharField(max_length=200, blank=True)
    rules = models.JSONField(default=default_rules, validators=[validate_rules])
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, editable=False)

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        verbose_name = "XP rule set"
        ordering = ["-version"]
        constraints = [
            # Every award asks for "the" published rule set.
            models.UniqueConstraint(fields=["status"], condition=Q(status="published"), name="one_published_rule_set"),
        ]

    def __str__(self):
        return f"v{self.version} ({self.status})"

    def save(self, **kwargs):
        if self.pk and type(self).objects.filter(pk=self.pk).exclude(status=self.Status.DRAFT).exists():
            raise ValidationError("A published rule set never changes: ledger lines refer to it. Make a new version.")
        super().save(**kwargs)


class LedgerQuerySet(models.QuerySet):
    def newest_first(self):
        return self.order_by("-sequence")


class LedgerEntry(models.Model):
    """One line of XP history. Append-only: `ledger.triggers` refuse all but the next line of a chain."""

    class Reason(models.TextChoices):
        SESSION_COMPLETION = "session_completion"
        LEVEL_COMPLETION = "level_completion"
        ATTEMPT_PASSED = "attempt_passed"
        TRAINING_PROGRESS = "training_progress"
        STREAK_BONUS = "streak_bonus"
        ACHIEVEMENT = "achievement"
        MANUAL_ADJUSTMENT = "manual_adjustment"
        REVERSAL = "reversal"
        RECALCULATION = "recalculation"
        IMPORT = "import"
        CARRIED_FORWARD = "carried_forward"

    # `reference_type` of lines that an achievement paid; their `reference_id` is its `achievement_id`.
    ACHIEVEMENT_REFERENCE = "achievement"

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="ledger", db_index=False)
    sequence = models.PositiveBigIntegerField(help_text="1, 2, 3… for each learner, without gaps.")
    delta = models.BigIntegerField(validators=[MinValueValidator(-MAX_DELTA), MaxValueValidator(MAX_DELTA)])
    reason = models.CharField(max_length=20, choices=Reason.choices)
    reference_type = models.CharField(max_length=40, help_text="What kind of deed paid this line.")
    reference_id = models.CharField(max_length=100, help_text="Which deed; paid once.")
    subject = models.CharField(max_length=100, blank=True, help_text="What it was about; repeat policies sum over it.")
    balance_after = models.BigIntegerField()
    # No index: only a draft is ever deleted, which reads the ledger once; every deed is spared an entry.
    rule_set = models.ForeignKey(
        XPRuleSet, models.PROTECT, to_field="version", db_column="rule_version", db_index=False
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    note = models.TextField(blank=True)
    reversal_of = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    metadata = models.JSONField(default=dict, blank=True)
    effective_at = models.DateTimeField(help_text="When it was earned.")
    created_at = models.DateTimeField(help_text="When it was written.")

    objects = LedgerQuerySet.as_manager()

    class Meta:
        db_table = "xp_history"
        verbose_name = "ledger line"
        ordering = ["learner", "sequence"]
        permissions = [("award_xp", "Can adjust XP")]
        constraints = [
            # One chain a learner: two writers that miss each other's line collide here instead of losing one.
            models.UniqueConstraint(fields=["learner", "sequence"], name="ledger_sequence_unique"),
            # One deed is paid once, whatever the code above believes.
            models.UniqueConstraint(
                fields=["learner", "reference_type", "reference_id"],
                condition=Q(reversal_of__isnull=True),
                name="ledger_deed_paid_once",
            ),
            # A line without effect explains nothing.
            models.CheckConstraint(condition=~Q(delta=0), name="ledger_delta_not_zero"),
            models.CheckConstraint(
                condition=Q(delta__range=(-MAX_DELTA, MAX_DELTA)) | Q(reason="carried_forward"),
                name="ledger_delta_in_range",
            ),
            models.CheckConstraint(condition=Q(balance_after__range=(0, MAX_TOTAL_XP)), name="ledger_balance_in_range"),
        ]
        indexes = [
            models.Index(fields=["learner", "subject"], name="ledger_by_subject"),
            # Few are written by hand.
            models.Index(fields=["actor"], condition=Q(actor__isnull=False), name="ledger_by_actor"),
        ]

    def __str__(self):
        return f"{self.delta:+d} XP, {self.get_reason_display()}"

    @property
    def stated_reason(self) -> str:
        """What staff wrote for the learner to read; the lines after it are for colleagues."""
        return self.note.partition("\n")[0].strip()
