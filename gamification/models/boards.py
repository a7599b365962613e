from django.conf import settings
from django.db import models

from change_history.querysets import TrackedQuerySet
from change_history.records import ChangeHistory


class BoardPolicy(models.Model):
    """Which results a leaderboard of XP counts; staff choose."""

    class Trust(models.TextChoices):
        ALL = "all"
        VERIFIED = "verified"

    metric = models.CharField(max_length=50, primary_key=True)
    trust = models.CharField(
        max_length=10,
        choices=Trust.choices,
        default=Trust.ALL,
        help_text="Verified: only XP for results that the server judged, and what staff gave or took.",
    )

    objects = TrackedQuerySet.as_manager()
    history = ChangeHistory()

    class Meta:
        verbose_name = "board policy"
        verbose_name_plural = "board policies"
        ordering = ["metric"]

    def __str__(self) -> str:
        return f"{self.metric}: {self.trust}"


class WindowScore(models.Model):
    """A listed learner's XP within a window (last 7 or 30 UTC dates), as of the window's last refresh. Derived."""

    pk = models.CompositePrimaryKey("metric", "learner")
    metric = models.CharField(max_length=20)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    score = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["metric", "-score", "learner"], name="window_scores_ranked")]

    def __str__(self) -> str:
        return f"{self.metric}: {self.score}"


class WindowRefresh(models.Model):
    """When a windowed board was last computed; the row that is locked meanwhile."""

    metric = models.CharField(max_length=20, primary_key=True)
    as_of = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.metric} as of {self.as_of}"
