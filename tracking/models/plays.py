"""The models of plays: sessions whose questions the server asks and judges."""

from django.db import models

from levels.models import Question

from .sessions import LearningSession


class Play(models.Model):
    """What a session has in addition when it is a play."""

    session = models.OneToOneField(LearningSession, models.CASCADE, primary_key=True, related_name="play")
    seed = models.CharField(max_length=32, help_text="The order of choices follows from it.")
    pass_percent = models.PositiveSmallIntegerField(help_text="The level's, when the play began.")

    def __str__(self) -> str:
        return str(self.session)


class PlayQuestion(models.Model):
    """A question that was drawn for a play, and how it was answered."""

    play = models.ForeignKey(Play, models.CASCADE, related_name="questions", db_index=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    hint_taken = models.BooleanField(default=False)
    answer = models.JSONField(null=True, help_text="In its normal form; null until then.")
    correct = models.BooleanField(null=True)
    answered_at = models.DateTimeField(null=True)
    turn = models.PositiveSmallIntegerField(null=True, help_text="Its place in the order of answers, from 1.")

    class Meta:
        ordering = ["play", "position"]
        constraints = [
            models.UniqueConstraint(fields=["play", "question"], name="question_once_in_a_play"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} in {self.play_id}"
