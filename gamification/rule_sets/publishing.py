"""The life of a rule set: draft, published, retired."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import APIException

from gamification.models import XPRuleSet
from gamification.pricing.rules import Rules, read_rules


class NotADraft(APIException):
    status_code = 409
    default_code = "not_a_draft"
    default_detail = "Only a draft can be published."


class OtherRulesInForce(APIException):
    status_code = 409
    default_code = "other_rules_in_force"
    default_detail = "Another version came into force meanwhile. Look at the differences again."


def published_rules() -> Rules:
    """Raise XPRuleSet.DoesNotExist where `migrate` has not run."""
    version, rules = XPRuleSet.objects.published().values_list("version", "rules").get()
    return read_rules(version, rules)


@transaction.atomic
def publish_rule_set(rule_set: XPRuleSet, *, at: datetime, instead_of: int | None = None) -> None:
    """Make a draft the one in force; the one before it retires. Lines already written keep their version.

    `instead_of` is the version that it was compared with. Raise NotADraft, or OtherRulesInForce where another one came
    into force since.
    """
    # One at a time: whoever comes second sees what the first one did.
    versions = {row.version: row for row in XPRuleSet.objects.select_for_update(no_key=True).order_by("version")}
    if versions[rule_set.version].status != XPRuleSet.Status.DRAFT:
        raise NotADraft
    if instead_of and (instead_of not in versions or versions[instead_of].status != XPRuleSet.Status.PUBLISHED):
        raise OtherRulesInForce
    rule_set.full_clean()
    XPRuleSet.objects.published().update(status=XPRuleSet.Status.RETIRED)
    rule_set.status, rule_set.published_at = XPRuleSet.Status.PUBLISHED, at
    rule_set.save()


def ensure_first_rule_set(using: str) -> None:
    """A fresh database pays by version 1, the numbers of DEFAULT_RULES."""
    if not XPRuleSet.objects.using(using).exists():
        XPRuleSet.objects.using(using).create(
            version=1, status=XPRuleSet.Status.PUBLISHED, published_at=timezone.now(), note="The numbers to begin with."
        )
