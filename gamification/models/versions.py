"""What rule sets and limit sets have in common: versions of numbers, of which one is in force."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models

from change_history.querysets import TrackedQuerySet


class VersionQuerySet(TrackedQuerySet):
    def published(self) -> Self:
        return self.filter(status=Version.Status.PUBLISHED)


class Version(models.Model):
    """One version of some numbers. Staff edit a draft; a published version never changes."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    version = models.PositiveIntegerField(unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, editable=False)

    objects = VersionQuerySet.as_manager()

    # The field that has the numbers, as JSON.
    NUMBERS: str

    class Meta:
        abstract = True
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"v{self.version} ({self.status})"

    @property
    def numbers(self) -> dict[str, Any]:
        return getattr(self, self.NUMBERS)

    @numbers.setter
    def numbers(self, values: dict[str, Any]) -> None:
        setattr(self, self.NUMBERS, values)

    def save(self, **options: Any) -> None:
        if self.pk and type(self).objects.filter(pk=self.pk).exclude(status=self.Status.DRAFT).exists():
            raise ValidationError("A published version never changes, since other rows refer to it. Add a version.")
        super().save(**options)
