"""The versions of the numbers by which XP is paid."""

import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from gamification.pricing.rules import DEFAULT_RULES, validate_rules


def default_rules() -> dict[str, Any]:
    return copy.deepcopy(DEFAULT_RULES)


class RuleSetQuerySet(models.QuerySet):
    def published(self) -> "RuleSetQuerySet":
        return self.filter(status=XPRuleSet.Status.PUBLISHED)


class XPRuleSet(models.Model):
    """One version of these numbers. Staff edit a draft; a published version never changes."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    version = models.PositiveIntegerField(unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    note = models.CharField(max_length=200, blank=True)
    rules = models.JSONField(default=default_rules, validators=[validate_rules])
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, editable=False)

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        verbose_name = "XP rule set"
        ordering = ["-version"]
        constraints = [
            # Every award reads the one published rule set.
            models.UniqueConstraint(fields=["status"], condition=Q(status="published"), name="one_published_rule_set"),
        ]

    def __str__(self) -> str:
        return f"v{self.version} ({self.status})"

    def save(self, **options: Any) -> None:
        if self.pk and type(self).objects.filter(pk=self.pk).exclude(status=self.Status.DRAFT).exists():
            raise ValidationError("A published rule set never changes, since entries refer to it. Add a version.")
        super().save(**options)
