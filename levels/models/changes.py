"""How levels were before they changed: a result is judged by the level as it was when it was played."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from .level import Level

# What decides who may play a level and how a result of it is judged; the prerequisites belong to it too.
PLAY_RULES = ["published", "unlocked", "coming_soon", "max_score", "pass_score", "metadata", "verified_only"]


class LevelChangeManager(models.Manager["LevelChange"]):
    def record(self, stored: Sequence["Level"], *, at: datetime) -> None:
        """Keep the play rules of these levels. `stored` are rows as the database has them, before they change."""
        models.prefetch_related_objects(stored, "prerequisites")
        self.bulk_create(
            LevelChange(
                level_id=level.pk,
                changed_at=at,
                prerequisites=[required.pk for required in level.prerequisites.all()],
                **{name: getattr(level, name) for name in PLAY_RULES},
            )
            for level in stored
        )

    def first_after(self, level: "Level", moment: datetime) -> "LevelChange | None":
        """It has the level's play rules of that moment. None, without a query, if they have been the same since."""
        if level.rules_changed_at is None or level.rules_changed_at <= moment:
            return None
        return self.filter(level=level, changed_at__gt=moment).order_by("changed_at", "pk").first()


class LevelChange(models.Model):
    """The play rules of a level until `changed_at`. Rows are only added, and go with their level."""

    level = models.ForeignKey("levels.Level", models.CASCADE, related_name="changes", db_index=False)
    changed_at = models.DateTimeField()
    published = models.BooleanField()
    unlocked = models.BooleanField()
    coming_soon = models.BooleanField()
    max_score = models.PositiveIntegerField()
    pass_score = models.PositiveIntegerField()
    metadata = models.JSONField()
    verified_only = models.BooleanField(default=False, db_default=False)
    prerequisites = models.JSONField(help_text="Primary keys of levels.")

    objects = LevelChangeManager()

    class Meta:
        indexes = [models.Index(fields=["level", "changed_at"], name="level_changes_by_time")]

    def __str__(self) -> str:
        return f"{self.level} until {self.changed_at}"
