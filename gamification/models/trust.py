"""How far SkillQuest can rely on a result that paid XP."""

from django.db import models


class Trust(models.TextChoices):
    """Of a completion, and of every ledger entry that it caused."""

    VERIFIED = "verified"  # the server judged it, or staff did
    REPORTED = "reported"  # the learner's own client told it when it happened
    OFFLINE = "offline"  # the learner's own client told it later


def trust_field(help_text: str) -> "models.CharField[str, str]":
    """Rows from before there was trust count as reported, and so do those of an older release during an upgrade."""
    return models.CharField(
        max_length=10, choices=Trust.choices, default=Trust.REPORTED, db_default=Trust.REPORTED, help_text=help_text
    )
