"""What learners do: sessions, the completions they end in, and the keys that make retries harmless.

Events of metrics are in `metric_events`, check-ins of batches in `check_ins`.
"""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from gamification.models import HELD_REASONS, trust_field
from levels.choices import Kind

from .check_ins import CheckIn
from .metric_events import MetricEvent

__all__ = [
    "CheckIn",
    "Completion",
    "CompletionQuerySet",
    "IdempotencyKey",
    "LearningSession",
    "MetricEvent",
    "SessionQuerySet",
]


class SessionQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(status=LearningSession.Status.OPEN)

    def ended(self) -> Self:
        return self.filter(status=LearningSession.Status.ENDED)

    def newest_first(self) -> Self:
        return self.order_by("-end_time", "-id")

    def attempts(self) -> Self:
        """On challenges."""
        return self.filter(level__kind=Kind.CHALLENGE)

    def stale(self, at: datetime) -> Self:
        return self.open().filter(start_time__lt=at - settings.SESSION_MAX_AGE)

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
    start_time = models.DateTimeField()
    end_time = models.DateTimeField(null=True)
    score = models.PositiveIntegerField(null=True)
    time_spent = models.PositiveIntegerField(null=True, help_text="Whole seconds from start to end.")

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "session"
        constraints = [
            # Two starts at once: one of them finds the other's row.
            models.UniqueConstraint(fields=["learner", "level"], condition=Q(status="open"), name="one_open_session"),
        ]
        indexes = [
            models.Index(fields=["learner", "-end_time", "-id"], name="sessions_newest_first"),
            models.Index(fields=["start_time"], condition=Q(status="open"), name="open_sessions_by_age"),
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


class CompletionQuerySet(models.QuerySet):
    def counted(self) -> Self:
        """Those that count: held ones wait for staff."""
        return self.filter(held=False)

    def held(self) -> Self:
        return self.filter(held=True)

    def waiting(self) -> Self:
        """Held, and not decided by staff yet."""
        return self.filter(held=True, refused=False)

    def reviewed(self) -> Self:
        """Held, or held until staff decided."""
        return self.filter(Q(held=True) | Q(decided_at__isnull=False))

    def passed_levels(self, learner: Any) -> Self:
        return self.counted().filter(learner=learner, passed=True).values("level_id")

    def passed_or_held_levels(self, learner: Any) -> Self:
        """Those too whose passing completion waits for staff."""
        return self.filter(learner=learner, passed=True, refused=False).values("level_id")


class Completion(models.Model):
    """The immutable fact that a level was finished with a score, with the answer that the client was given."""

    class Source(models.TextChoices):
        WEB = "web"
        API = "api"
        SYNC = "sync"
        IMPORT = "import"

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="completions", db_index=False)
    level = models.ForeignKey("levels.Level", models.PROTECT, related_name="completions")
    session = models.OneToOneField(LearningSession, models.PROTECT, null=True, related_name="completion")
    client_event_id = models.UUIDField(null=True)
    score = models.PositiveIntegerField()
    max_score = models.PositiveIntegerField(help_text="The level's, at that time.")
    time_spent = models.PositiveIntegerField(null=True, help_text="Whole seconds; unknown when the client did not say.")
    study_seconds = models.PositiveIntegerField(default=0, help_text="How much of it counts as learning.")
    level_type = models.CharField(max_length=20)
    category = models.CharField(
        max_length=100,
        default="",
        help_text="It counts for this one: the level's, under the name first counted.",
    )
    claimed_difficulty = models.CharField(max_length=20, blank=True)
    difficulty = models.CharField(max_length=20)
    source = models.CharField(max_length=10, choices=Source.choices)
    trust = trust_field("How far it can be relied on: by who reported it, and how soon.")
    server_key = models.CharField(
        max_length=20, blank=True, default="", db_default="", help_text="The prefix of the server key that reported it."
    )
    reason = models.CharField(
        max_length=20, blank=True, help_text="What the ledger calls it, other than the end of a session or a level."
    )
    passed = models.BooleanField()
    perfect = models.BooleanField()
    held = models.BooleanField(default=False, help_text="Implausible: pays nothing until staff release it.")
    held_reason = models.CharField(max_length=20, choices=HELD_REASONS, blank=True, default="", help_text="Why.")
    limit_version = models.PositiveIntegerField(null=True, help_text="The version of the limits that held it.")
    counted = models.JSONField(
        null=True, help_text="What counted of its metrics, where a daily limit cut them: metric -> number."
    )
    counts_at = models.DateTimeField(
        null=True, help_text="When it counts, where it happened before the account existed: when that was made."
    )
    metrics = models.JSONField(null=True, help_text="What it reported of metrics that staff made: metric -> number.")
    refused = models.BooleanField(default=False, help_text="Staff did not believe it either; it stays held.")
    decided_at = models.DateTimeField(null=True, help_text="When staff released or refused it, if it was held.")
    paid_before = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="How often it was paid before a merge of accounts held it: each payment has a reference of its own.",
    )
    metadata = models.JSONField(default=dict)
    occurred_at = models.DateTimeField(help_text="When it happened on the client.")
    created_at = models.DateTimeField(help_text="When the server learned of it.")
    answer = models.JSONField(
        default=dict, help_text="The answer that the client was given; a retry is given it again."
    )

    # What judging it decides; written together.
    DECISION = ("answer", "held", "held_reason", "limit_version", "counted", "metrics")

    objects = CompletionQuerySet.as_manager()

    class Meta:
        constraints = [
            # A retry is decided here, not by a look beforehand.
            models.UniqueConstraint(fields=["learner", "client_event_id"], name="completion_event_once"),
            # What counts and pays cannot have been refused.
            models.CheckConstraint(condition=Q(refused=False) | Q(held=True), name="completion_refused_is_held"),
        ]
        indexes = [
            # Few are held: staff find them at once among millions.
            models.Index(fields=["-id"], condition=Q(held=True), name="held_completions"),
            # The queue: by learner, the learner of the oldest first.
            models.Index(fields=["learner", "id"], condition=Q(held=True, refused=False), name="waiting_completions"),
            # What learners are told about them.
            models.Index(
                fields=["learner", "-id"],
                condition=Q(held=True) | Q(decided_at__isnull=False),
                name="reviewed_completions",
            ),
            models.Index(fields=["learner", "level", "-created_at"], name="completions_by_level"),
            # What a leaked key has reported.
            models.Index(fields=["server_key", "-id"], condition=~Q(server_key=""), name="completions_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.score}"

    @property
    def given_answer(self) -> dict[str, Any]:
        """The stored answer, with what answers did not have yet when it was stored."""
        return {"held_reason": None, **self.answer, "trust": self.answer.get("trust", self.trust)}

    @property
    def payment(self) -> str:
        """Its reference in the ledger, of the type "completion"."""
        return f"{self.pk}.{self.paid_before}" if self.paid_before else str(self.pk)

    @property
    def was_released(self) -> bool:
        return self.decided_at is not None and not self.held

    @property
    def effective_at(self) -> datetime:
        """The moment as of which it counts and pays."""
        return self.counts_at or self.occurred_at

    @property
    def played_at(self) -> datetime:
        """The moment as of which the level's play rules judge it."""
        return self.session.start_time if self.session else self.occurred_at


class IdempotencyKey(models.Model):
    """The kept answer to one POST. Written in the same transaction as the effect: both are there or neither."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    # One character more than a client may send: `tracking.idempotency.keys.OF_SERVERS`.
    key = models.CharField(max_length=256)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_keys_by_age")]

    def __str__(self) -> str:
        return self.key
