"""The models of trying rules on what learners did, and of bringing old results to them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from gamification.models import LedgerEntry, XPRuleSet
from jobs.models import Job


class RuleTrial(models.Model):
    """What results of some days pay by other rules: those of a draft, or those in force for a recalculation.

    It keeps the numbers that it tries, so a draft that is edited meanwhile changes nothing.
    """

    class Purpose(models.TextChoices):
        DRAFT = "draft", "a draft against the rules in force"
        RECALCULATION = "recalculation", "the rules in force against what was paid"

    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    rule_set = models.ForeignKey(XPRuleSet, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(help_text="The version that is tried; a deleted draft leaves it here.")
    rules = models.JSONField(help_text="The numbers that are tried.")
    fingerprint = models.CharField(max_length=64, help_text="Of the version that is tried, as it was then.")
    in_force = models.PositiveIntegerField(help_text="The version that was in force.")
    days = models.PositiveSmallIntegerField(null=True, help_text="How many days before today; empty means all.")
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(help_text="What the server learned of later is not tried.")
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    figures = models.JSONField(null=True, help_text="What it found in sum, once it has ended.")

    class Meta:
        verbose_name, verbose_name_plural = "trial of rules", "trials of rules"
        default_permissions = ()
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Trial {self.pk} of version {self.version}"

    @property
    def is_finished(self) -> bool:
        return self.figures is not None

    @property
    def is_recalculation(self) -> bool:
        return self.purpose == self.Purpose.RECALCULATION

    @property
    def period(self) -> str:
        return "all results" if self.days is None else f"results of the last {self.days} days"


class TriedLearner(models.Model):
    """What the tried results of one learner pay now, and by the tried rules."""

    trial = models.ForeignKey(RuleTrial, models.CASCADE, related_name="learners", db_index=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    results = models.PositiveIntegerField(default=0, help_text="Results and reviews that are read.")
    now_xp = models.BigIntegerField(default=0)
    tried_xp = models.BigIntegerField(default=0)
    difference = models.BigIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0, help_text="Of the results: how many pay something else.")
    level_now = models.PositiveSmallIntegerField(default=0, help_text="The player level; 0 until it is priced.")
    level_tried = models.PositiveSmallIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["trial", "learner"], name="tried_learner_once")]
        indexes = [
            # Who gains and loses most, and the percentiles.
            models.Index(fields=["trial", "difference", "learner"], name="tried_by_difference"),
            # A person is erased from all of them.
            models.Index(fields=["learner"], name="tried_by_learner"),
        ]

    def __str__(self) -> str:
        return f"{self.difference:+d} XP"


class TriedPart(models.Model):
    """What a source of XP pays now and by the tried rules, of one level where it belongs to one."""

    trial = models.ForeignKey(RuleTrial, models.CASCADE, related_name="parts", db_index=False)
    source = models.CharField(max_length=20, choices=LedgerEntry.Reason.choices)
    level = models.ForeignKey("levels.Level", models.CASCADE, null=True, related_name="+")
    results = models.PositiveBigIntegerField(default=0)
    now_xp = models.BigIntegerField(default=0)
    tried_xp = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["trial", "source", "level"], name="tried_part_of_level_once"),
            models.UniqueConstraint(
                fields=["trial", "source"], condition=Q(level__isnull=True), name="tried_part_without_level_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()}: {self.now_xp} XP, {self.tried_xp} XP"


class Recalculation(models.Model):
    """Old results brought to the rules in force, as a trial has shown it, by entries that name it.

    Why is in the notes of its jobs.
    """

    trial = models.OneToOneField(RuleTrial, models.PROTECT, related_name="recalculation")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    left_out = models.JSONField(default=list, help_text="Ids of who asked and who approved: their XP stays.")
    created_at = models.DateTimeField()
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="+")
    undo_job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Recalculation {self.pk} by version {self.trial.version}"
