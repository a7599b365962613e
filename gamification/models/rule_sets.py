"""The versions of the numbers by which XP is paid."""

import copy
from typing import Any

from django.db import models
from django.db.models import Q

from change_history.records import ChangeHistory
from gamification.pricing.rules import DEFAULT_RULES, validate_rules

from .versions import Version


def default_rules() -> dict[str, Any]:
    return copy.deepcopy(DEFAULT_RULES)


class XPRuleSet(Version):
    """One version of these numbers."""

    NUMBERS = "rules"

    rules = models.JSONField(default=default_rules, validators=[validate_rules])

    history = ChangeHistory(leave_out=["created_at"])

    class Meta(Version.Meta):
        verbose_name = "XP rule set"
        constraints = [
            # Every award reads the one published rule set.
            models.UniqueConstraint(fields=["status"], condition=Q(status="published"), name="one_published_rule_set"),
        ]
