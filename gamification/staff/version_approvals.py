"""Publishing rules and limits takes two people, since any number in them may change what everybody earns."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import transaction
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import as_serializer_error

from approvals.errors import RequestOutdated
from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from approvals.services import request_approval
from change_history.context import because
from gamification.limit_sets import descriptions as limit_descriptions
from gamification.limit_sets.publishing import publish_limit_set
from gamification.models import LimitSet, XPRuleSet
from gamification.models.versions import Version
from gamification.rule_sets import descriptions as rule_descriptions
from gamification.rule_sets.publishing import publish_rule_set
from gamification.versions.numbers import Number, differences
from gamification.versions.publishing import Comparison

from .previews import try_out


class VersionKind(ApprovalKind):
    """`publish` is the service that one person would call; `described` are the numbers of a version."""

    model: type[Version]
    publish: Callable[..., Version]
    described: list[Number]

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:
        with because(f"Approval of request {request.pk}"):
            version = self._publish(request, at)
        return {"version": version.version, "done": f"Version {version.version} is in force."}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:
        in_force = self.model.objects.published().get()
        draft = try_out(lambda: self._publish(request, at))
        return [
            f"Version {draft.version} is published instead of version {in_force.version}.",
            *(
                f"{change.path}: {change.before or '-'} becomes {change.after or '-'}. {change.words}"
                for change in differences(self.described, in_force.numbers, draft.numbers)
            ),
        ]

    def _publish(self, request: ApprovalRequest, at: datetime) -> Version:
        """Raise RequestOutdated, ValidationError, or what `publish_version` raises."""
        draft = self.model.objects.filter(pk=request.payload["id"]).first()
        if draft is None:
            raise RequestOutdated
        compared = Comparison(request.payload["in_force"], request.payload["draft"])
        try:
            return type(self).publish(draft, at=at, compared=compared)
        except ModelError as error:
            raise ValidationError(as_serializer_error(error)) from error


@register
class RuleSetKind(VersionKind):
    name, label, permission = "rule_set", "XP rules", "gamification.change_xpruleset"
    model, publish, described = XPRuleSet, publish_rule_set, rule_descriptions.NUMBERS


@register
class LimitSetKind(VersionKind):
    name, label, permission = "limit_set", "Limits", "gamification.change_limitset"
    model, publish, described = LimitSet, publish_limit_set, limit_descriptions.NUMBERS


KINDS: dict[type[Version], type[VersionKind]] = {kind.model: kind for kind in (RuleSetKind, LimitSetKind)}


@transaction.atomic
def request_publication(draft: Version, *, compared: Comparison, actor: Any, at: datetime) -> ApprovalRequest:
    """Raise what publishing it now would raise."""
    kind = KINDS[type(draft)]
    try_out(lambda: kind.publish(draft, at=at, compared=compared))
    return request_approval(
        kind=kind.name,
        subject=f"{kind.name}:{draft.version}",
        payload={"id": draft.pk, "in_force": compared.in_force, "draft": compared.draft},
        summary=f"Publish version {draft.version} instead of version {compared.in_force}",
        note=draft.note,
        actor=actor,
        at=at,
    )
