"""The model of completions: what sessions, and results without a session, end in."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from gamification.models import HELD_REASONS, trust_field

from .sessions import LearningSession


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
        permissions = [("decide_held_results", "Can release and refuse held results")]
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
            # Staff look for the result that a client calls by this id.
            models.Index(
                fields=["client_event_id"],
                condition=Q(client_event_id__isnull=False),
                name="completions_by_event",
            ),
            # What a leaked key has reported.
            models.Index(fields=["server_key", "-id"], condition=~Q(server_key=""), name="completions_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.score}"

    @property
    def given_answer(self) -> dict[str, Any]:
        """The stored answer, with what answers did not have yet when it was stored, in the language of who asks."""
        words = self.answer.get("held_reason")
        held_reason = _(words) if words else None
        return {**self.answer, "held_reason": held_reason, "trust": self.answer.get("trust", self.trust)}

    @property
    def is_play(self) -> bool:
        return self.session is not None and self.session.is_play

    @property
    def right_answers(self) -> str:
        """Of a play, for its learner: "9 of 10 right"; empty of other results."""
        if not self.session_id or "total_questions" not in self.metadata:
            return ""
        values = {"right": self.metadata["correct_answers"], "total": self.metadata["total_questions"]}
        return _("%(right)s of %(total)s right") % values

    @property
    def payment(self) -> str:
        """Its reference in the ledger, of the type "completion"."""
        return f"{self.pk}.{self.paid_before}" if self.paid_before else str(self.pk)

    @property
    def was_released(self) -> bool:
        return self.decided_at is not None and not self.held

    @property
    def paid_at(self) -> datetime:
        """When it began to count, if it does: at once, or when staff released it."""
        return self.decided_at if self.decided_at and not self.held else self.created_at

    @property
    def effective_at(self) -> datetime:
        """The moment as of which it counts and pays."""
        return self.counts_at or self.occurred_at

    @property
    def played_at(self) -> datetime:
        """The moment as of which the level's play rules judge it."""
        return self.session.start_time if self.session else self.occurred_at
