from typing import Any

from django.contrib import admin

from gamification.models import XPRuleSet
from gamification.pricing.rules import validate_rules
from gamification.rule_sets.descriptions import GROUPS, NUMBERS
from gamification.rule_sets.publishing import publish_rule_set
from gamification.versions.numbers import Difference

from .version_forms import fieldsets_of, form_of
from .versions import VersionAdmin


@admin.register(XPRuleSet)
class XPRuleSetAdmin(VersionAdmin):
    form = form_of(XPRuleSet, NUMBERS, validate_rules)
    described, form_fieldsets = NUMBERS, fieldsets_of(GROUPS)
    publish_template = "admin/gamification/xpruleset/publish.html"
    publish_service = publish_rule_set

    def publish_context(self, changes: list[Difference]) -> dict[str, Any]:
        return {"is_other_curve": any(change.path.startswith("curve.") for change in changes)}
