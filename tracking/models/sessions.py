"""The model of sessions: one learner plays one level."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from levels.choices import Kind


class SessionQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(status=LearningSession.Status.OPEN)

    def ended(self) -> Self:
        return self.filter(status=LearningSession.Status.ENDED)

    def newest_first(self) -> Self:
        return self.order_by("-end_time", "-id")

    def plays(self) -> Self:
        return self.filter(is_play=True)

    def reported(self) -> Self:
        """Their score comes from a client."""
        return self.filter(is_play=False)

    def attempts(self) -> Self:
        """On challenges, by clients that report their score."""
        return self.reported().filter(level__kind=Kind.CHALLENGE)

    def stale(self, at: datetime) -> Self:
        """Too old to be ended. Plays can be sent later, after a time offline."""
        of_plays = Q(is_play=True, start_time__lt=at - max(settings.EVENT_MAX_AGE, settings.SESSION_MAX_AGE))
        return self.open().filter(Q(is_play=False, start_time__lt=at - settings.SESSION_MAX_AGE) | of_plays)

    def active(self, at: datetime) -> Self:
        """Open, and not too old to be ended, whether or not the sweep has run."""
        return self.open().filter(start_time__gte=at - settings.SESSION_MAX_AGE)

    def locked(self) -> Self:
        """Locked against other writers; NO KEY, since completions refer to sessions."""
        return self.select_for_update(no_key=True, of=("self",))


class LearningSession(models.Model):
    """One session on a level. In the API of challenges the same row is an attempt."""

    class Status(models.TextChoices):
        OPEN = "open"
        ENDED = "ended"
        ABANDONED = "abandoned"

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="learning_sessions", db_index=False
    )
    level = models.ForeignKey("levels.Level", models.PROTECT, related_name="sessions")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    is_play = models.BooleanField(
        default=False, db_default=False, help_text="The server asks the questions and judges the answers."
    )
    start_time = models.DateTimeField()
    end_time = models.DateTimeField(null=True)
    score = models.PositiveIntegerField(null=True)
    time_spent = models.PositiveIntegerField(null=True, help_text="Whole seconds from start to end.")

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "session"
        constraints = [
            # Two starts at once: one of them finds the other's row.
            models.UniqueConstraint(
                fields=["learner", "level"], condition=Q(status="open", is_play=False), name="one_open_session"
            ),
            models.UniqueConstraint(
                fields=["learner", "level"], condition=Q(status="open", is_play=True), name="one_open_play"
            ),
        ]
        indexes = [
            models.Index(fields=["learner", "-end_time", "-id"], name="sessions_newest_first"),
            models.Index(fields=["start_time"], condition=Q(status="open"), name="open_sessions_by_age"),
            # Which questions were answered on a date (analytics).
            models.Index(fields=["end_time"], condition=Q(is_play=True, status="ended"), name="ended_plays_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.level} ({self.status})"

    @property
    def has_ended(self) -> bool:
        return self.status == self.Status.ENDED

    def is_abandoned(self, at: datetime) -> bool:
        """Its age decides, whether or not the sweep has run."""
        return self.status == self.Status.ABANDONED or self.is_too_old(at)

    def is_too_old(self, at: datetime) -> bool:
        return self.start_time < at - settings.SESSION_MAX_AGE

    # What the end of a session moves.
    END = ("status", "score", "end_time", "time_spent")

    def end(self, *, score: int | None, at: datetime) -> None:
        """The caller saves END."""
        self.status, self.score, self.end_time = self.Status.ENDED, score, max(at, self.start_time)
        self.time_spent = int((self.end_time - self.start_time).total_seconds())

    def abandon(self) -> None:
        self.status = self.Status.ABANDONED
        self.save(update_fields=["status"])
