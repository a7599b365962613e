"""The models of reviewing: what a learner remembers, and what was practised."""

from django.conf import settings
from django.db import models

from levels.models import Question


class QuestionMemory(models.Model):
    """How well a learner remembers a question, by the FSRS algorithm: its card."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    state = models.PositiveSmallIntegerField(help_text="FSRS: 1 learning, 2 review, 3 relearning.")
    step = models.PositiveSmallIntegerField(null=True)
    stability = models.FloatField(help_text="Days until the chance to remember it has fallen to 90 percent.")
    difficulty = models.FloatField(help_text="From 1 to 10.")
    due = models.DateTimeField()
    last_review = models.DateTimeField()
    correct = models.BooleanField(help_text="Was the last answer right?")

    class Meta:
        verbose_name_plural = "question memories"
        constraints = [
            models.UniqueConstraint(fields=["learner", "question"], name="one_memory_of_a_question"),
        ]
        indexes = [
            models.Index(fields=["learner", "due"], name="memories_by_due"),
            # Plays draw what was missed first, and what was seen longest ago last.
            models.Index(fields=["learner", "correct", "last_review"], name="memories_by_last_answer"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} of {self.learner_id}"


class Review(models.Model):
    """One answer given while practising."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    answer = models.JSONField(help_text="In its normal form.")
    correct = models.BooleanField()
    awarded_xp = models.PositiveIntegerField(
        default=0, db_default=0, help_text="What it has paid; the most of its date is counted from it."
    )
    response = models.JSONField(null=True, help_text="The answer to the client, which a retry gets again.")
    date = models.DateField(help_text="The learner's local date.")
    reviewed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["learner", "question", "-id"], name="reviews_by_question"),
            models.Index(fields=["learner", "date"], name="reviews_by_date"),
            # Which questions were answered on a date (analytics).
            models.Index(fields=["reviewed_at"], name="reviews_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} by {self.learner_id}"
