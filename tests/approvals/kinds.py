"""A kind of request for tests: approving it keeps a mark."""

from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from approvals.services import request_approval


@register
class MarkKind(ApprovalKind):
    name, label, permission = "test_mark", "Mark", "gamification.award_xp"

    def apply(self, request, *, at):  # noqa: ARG002
        return {"done": f"Marked {request.payload['mark']}.", "by": request.decided_by.pk}

    def describe(self, request, *, at):  # noqa: ARG002
        return [f"Marks {request.payload['mark']}."]


def ask(actor, at, mark="one", **options):
    defaults = {"kind": MarkKind.name, "subject": "test:1", "payload": {"mark": mark}, "summary": "A mark", "xp": 5}
    return request_approval(actor=actor, at=at, **defaults | options)


def statuses():
    return list(ApprovalRequest.objects.order_by("pk").values_list("status", flat=True))
