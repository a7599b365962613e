"""Imports that one person alone may not make: the whole file waits, and is imported when a colleague approves it."""

from datetime import datetime
from typing import Any

from rest_framework.exceptions import APIException

from approvals.errors import EarnedFromIt, RequestOutdated
from approvals.models import ApprovalRequest
from approvals.registry import EARNED_WITHIN, ApprovalKind, has_earned, register
from approvals.services import request_approval
from jobs.wording import counted

from .applying import ChangedMeanwhileError
from .jobs import apply_import
from .models import FileImport, ImportRow
from .resources import ExchangeResource, resource_named

SHOWN = 50  # rows that the page of the request lists


def request_import(source: FileImport, resource: ExchangeResource, *, at: datetime) -> ApprovalRequest:
    rows = source.rows.filter(needs_second=True).count()
    source.state = FileImport.State.REQUESTED
    source.save(update_fields=["state"])
    return request_approval(
        kind=f"import_{source.kind}",
        subject=f"import:{source.pk}",
        payload={"import": source.pk, "fingerprint": source.fingerprint},
        summary=f"Import of “{source.file_name}”: {counted(source.to_write, 'row')}, {rows} of them above the limit",
        xp=resource.xp_at_stake(list(source.rows.filter(needs_second=True))),
        actor=source.created_by,
        at=at,
    )


class ImportKind(ApprovalKind):
    kind: str

    def refusal(self, request: ApprovalRequest, *, actor: Any, at: datetime) -> APIException | None:
        """Also of whoever earned XP from one of the rows that need a second person."""
        subjects = resource_named(self.kind).subjects(
            ImportRow.objects.filter(source=request.payload["import"], needs_second=True).values_list("key", flat=True)
        )
        if any(has_earned(subject, actor.pk, since=at - EARNED_WITHIN) for subject in subjects):
            return EarnedFromIt()
        return super().refusal(request, actor=actor, at=at)

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:
        source = self._source(request)
        source.reason = f"Approval request {request.pk}"
        source.save(update_fields=["reason"])
        try:
            apply_import(source, resource_named(self.kind)(actor=source.created_by, at=at), at=at)
        except ChangedMeanwhileError as error:
            raise RequestOutdated from error
        return {"import": source.pk, "done": f"Import {source.pk} is {source.get_state_display()}."}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:  # noqa: ARG002
        source = self._source(request)
        rows = source.rows.filter(needs_second=True).order_by("number")[:SHOWN]
        counts = ", ".join(f"{count} {verdict}" for verdict, count in source.counts.items())
        return [f"All rows of the file: {counts}.", *(_sentence(row) for row in rows)]

    def _source(self, request: ApprovalRequest) -> FileImport:
        source = FileImport.objects.locked().select_related("created_by").filter(pk=request.payload["import"]).first()
        if (
            source is None
            or source.state != FileImport.State.REQUESTED
            or source.fingerprint != request.payload["fingerprint"]
        ):
            raise RequestOutdated
        return source


def _sentence(row: ImportRow) -> str:
    changes = "; ".join(f"{name}: {old!r} becomes {new!r}" for name, (old, new) in row.changes.items())
    return f"Row {row.number}, {row.key} ({row.verdict}): {changes[:500]}."


def register_approvals(resource: type[ExchangeResource]) -> None:
    label = str(resource._meta.model._meta.verbose_name)
    register(
        type(
            f"{label.title()}ImportKind",
            (ImportKind,),
            {
                "kind": resource.kind,
                "name": f"import_{resource.kind}",
                "label": f"Import ({label})",
                "permission": resource.permission(),
            },
        )
    )
