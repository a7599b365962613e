"""Edits of metrics that take two people: those by which a metric may pay more on one date than one person may give."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from approvals.models import ApprovalRequest
from approvals.registry import ApprovalKind, register
from approvals.services import is_above_limit, request_approval, second_person_is_needed
from gamification.metrics import note_saved
from gamification.models import MAX_DELTA, Metric
from gamification.pricing.metrics import fraction_of, xp_for

from .previews import try_out
from .row_edits import payload_of, saved_row

KIND = "metric"


def needs_approval(before: Metric | None, after: Metric) -> bool:
    """`before` is None for a new metric; both are valid."""
    if not (second_person_is_needed() and after.published and is_above_limit(most_on_a_date(after))):
        return False
    if before is None or not before.published:
        return True
    opened = before.reported_by != after.reported_by == Metric.ReportedBy.LEARNER
    # Without a limit for each date the first amounts are equal, whatever the price.
    amounts = zip(_amounts(after), _amounts(before), strict=True)
    return opened or any(now > earlier for now, earlier in amounts)


def _amounts(metric: Metric) -> tuple[Any, ...]:
    price = fraction_of(metric.xp_per_unit)
    return most_on_a_date(metric), price, xp_for(metric.per_event_max, price)


def most_on_a_date(metric: Metric) -> int:
    """The XP that a learner can get of it on one date. Where nothing limits that, the most that an entry can have."""
    price = fraction_of(metric.xp_per_unit)
    if metric.per_day_max is None:
        return MAX_DELTA if price else 0
    return xp_for(metric.per_day_max, price)


def request_edit(
    *, before: Metric | None, after: Metric, fields: Mapping[str, Any], actor: Any, at: datetime
) -> ApprovalRequest:
    """`fields` are those that change; of a new metric all are kept."""
    return request_approval(
        kind=KIND,
        subject=f"{KIND}:{after.metric_id}",
        payload=payload_of(before, after, fields),
        xp=most_on_a_date(after),
        summary=f"{'Change of' if before else 'New metric'} “{after}”: {after.xp_per_unit} XP for one unit",
        actor=actor,
        at=at,
    )


@register
class MetricKind(ApprovalKind):
    name, label, permission = KIND, "Metric", "gamification.change_metric"

    def apply(self, request: ApprovalRequest, *, at: datetime) -> dict[str, Any]:  # noqa: ARG002
        metric = saved_row(Metric, request)
        note_saved([metric])
        return {"done": f"The metric “{metric}” is saved."}

    def describe(self, request: ApprovalRequest, *, at: datetime) -> list[str]:  # noqa: ARG002
        metric = try_out(lambda: saved_row(Metric, request))
        limit = "any number of units" if metric.per_day_max is None else f"at most {metric.per_day_max} units"
        return [
            f"It pays {metric.xp_per_unit} XP for one unit, and counts {limit} on one date.",
            f"It is reported by: {metric.get_reported_by_display()}.",
            *(
                f"{name} becomes {value!r}."
                for name, value in request.payload["fields"].items()
                if request.payload["id"]
            ),
        ]
