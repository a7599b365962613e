"""Whether a learner may appear on leaderboards: what staff decided, one row for each decision."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class BoardStanding(models.TextChoices):
    RANKED = "ranked"
    UNDER_REVIEW = "under_review"
    EXCLUDED = "excluded"


def standing_in_force(standing: str, until: datetime | None, at: datetime) -> BoardStanding:
    """What staff decided, until it ended."""
    is_over = until is not None and until <= at
    return BoardStanding.RANKED if is_over else BoardStanding(standing)


class StandingChange(models.Model):
    """Staff have set a learner's board standing. The newest one is in force, until `until` if it says so."""

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="standing_changes", db_index=False
    )
    standing = models.CharField(max_length=20, choices=BoardStanding.choices)
    until = models.DateTimeField(null=True, blank=True, help_text="From then on the learner is ranked again.")
    reason = models.CharField(max_length=100, help_text="What the learner may read.")
    note = models.TextField(help_text="For colleagues and auditors.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "change of board standing"
        verbose_name_plural = "changes of board standing"
        ordering = ["-pk"]
        constraints = [
            # Nobody decides on themselves, even if the code above fails to check it.
            models.CheckConstraint(condition=~Q(actor=F("learner")), name="standing_not_ones_own"),
            # Being ranked is what follows after `until`.
            models.CheckConstraint(
                condition=~Q(standing="ranked") | Q(until__isnull=True), name="ranked_without_an_end"
            ),
        ]
        indexes = [models.Index(fields=["learner", "-id"], name="standing_changes_newest_first")]

    def __str__(self) -> str:
        return f"{self.learner}: {self.get_standing_display()}"
