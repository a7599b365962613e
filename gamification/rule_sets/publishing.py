"""The life of a rule set: draft, published, retired."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalogues.editing import fingerprint
from gamification.errors import DraftChanged, NotADraft, OtherRulesInForce
from gamification.models import XPRuleSet
from gamification.pricing.rules import Rules, read_rules


@dataclass(frozen=True)
class Comparison:
    """What staff saw before they published: the version in force, and the fingerprint of the draft beside it."""

    in_force: int
    draft: str


def published_rules() -> Rules:
    """Raise XPRuleSet.DoesNotExist where `migrate` has not run."""
    version, rules = XPRuleSet.objects.published().values_list("version", "rules").get()
    return read_rules(version, rules)


@transaction.atomic
def publish_rule_set(rule_set: XPRuleSet, *, at: datetime, compared: Comparison | None = None) -> XPRuleSet:
    """Publish a draft as it is stored; the version before it retires. Ledger entries keep the version that paid them.

    Raise NotADraft; OtherRulesInForce or DraftChanged if what was `compared` has changed since; or ValidationError.
    """
    # Locked, so that nobody edits or publishes one of them until this transaction ends.
    versions = {row.version: row for row in XPRuleSet.objects.select_for_update(no_key=True).order_by("version")}
    draft = versions.get(rule_set.version)
    if draft is None or draft.status != XPRuleSet.Status.DRAFT:
        raise NotADraft
    if compared:
        _refuse_changes(compared, draft, versions)
    draft.full_clean()
    XPRuleSet.objects.published().update(status=XPRuleSet.Status.RETIRED)
    draft.status, draft.published_at = XPRuleSet.Status.PUBLISHED, at
    draft.save()
    return draft


def _refuse_changes(compared: Comparison, draft: XPRuleSet, versions: dict[int, XPRuleSet]) -> None:
    in_force = versions.get(compared.in_force)
    if in_force is None or in_force.status != XPRuleSet.Status.PUBLISHED:
        raise OtherRulesInForce
    if fingerprint(draft) != compared.draft:
        raise DraftChanged


def ensure_first_rule_set(using: str) -> None:
    """A fresh database pays by version 1, the numbers of DEFAULT_RULES."""
    if not XPRuleSet.objects.using(using).exists():
        XPRuleSet.objects.using(using).create(
            version=1, status=XPRuleSet.Status.PUBLISHED, published_at=timezone.now(), note="The numbers to begin with."
        )
