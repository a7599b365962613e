"""The rule set in force, and putting another one into force."""

from datetime import datetime

from gamification.models import XPRuleSet
from gamification.pricing.rules import Rules, read_rules
from gamification.versions.publishing import Comparison, publish_version


def published_rules() -> Rules:
    """Raise XPRuleSet.DoesNotExist where `migrate` has not run."""
    version, rules = XPRuleSet.objects.published().values_list("version", "rules").get()
    return read_rules(version, rules)


def publish_rule_set(rule_set: XPRuleSet, *, at: datetime, compared: Comparison | None = None) -> XPRuleSet:
    """As `publish_version`. Ledger entries keep the version that paid them."""
    return publish_version(rule_set, at=at, compared=compared)
