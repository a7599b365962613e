"""The model of check-ins that a server reports in batches."""

from django.conf import settings
from django.db import models

from gamification.models import trust_field


class CheckIn(models.Model):
    """The fact that a check-in was reported under an event id, with the answer that was given.

    The day itself is an ActivityDay. Without this row, a check-in without a time that is sent again on the next day
    would count for that day too. Its event ids are apart from those of completions.
    """

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="check_ins", db_index=False)
    client_event_id = models.UUIDField()
    trust = trust_field("How far it can be relied on: by who reported it, and how soon.")
    server_key = models.CharField(
        max_length=20, blank=True, default="", db_default="", help_text="The prefix of the key that reported it."
    )
    occurred_at = models.DateTimeField(help_text="When it happened.")
    created_at = models.DateTimeField(help_text="When the server learned of it.")
    answer = models.JSONField(
        default=dict, help_text="The answer that the client was given; a retry is given it again."
    )

    class Meta:
        verbose_name = "check-in"
        constraints = [
            # A retry is decided here, not by a look beforehand.
            models.UniqueConstraint(fields=["learner", "client_event_id"], name="check_in_once"),
        ]

    def __str__(self) -> str:
        return f"Check-in at {self.occurred_at}"
