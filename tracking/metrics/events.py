"""How events of metrics are judged, recorded, paid and answered, however many at once.

A batch of several learners, in its one transaction: read `metrics_now` and ask `refusal` for each claim; `new_event`
and `insert_events` for what is not refused; those without a primary key were recorded before (`replay_same`). Then
lock the profiles, and inside the award batches call `add_event` for each learner's events by `effective_at`; at last
`store_answers`. `services.record_metric` is the same for a single event.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from gamification.awards import AwardBatch, CustomMetrics, MetricAward, add_metric
from gamification.conditions import is_built_in
from hotsql.writes import insert_new, update_rows
from tracking.errors import EventIdReused, MetricNotAccepted, UnknownMetric, ValueTooHigh
from tracking.models import MetricEvent
from tracking.recording.admission import clock_refusal
from tracking.recording.answers import represent_reward
from tracking.recording.clocks import shift_moment
from tracking.recording.completions import joined_after
from tracking.recording.trust import Reporter, trust_of_report


@dataclass(frozen=True)
class MetricClaim:
    """What a client reports."""

    metric_id: str
    value: int
    client_event_id: UUID
    occurred_at: datetime | None = None

    def shifted(self, shift: timedelta) -> "MetricClaim":
        if self.occurred_at is None or not shift:
            return self
        return replace(self, occurred_at=shift_moment(self.occurred_at, shift))


def refusal(claim: MetricClaim, metrics: CustomMetrics, *, reporter: Reporter, at: datetime) -> APIException | None:
    """Why the event cannot be recorded. What was recorded before is replayed all the same."""
    metric = metrics.get(claim.metric_id)
    if metric is None or not metric.published:
        return MetricNotAccepted() if is_built_in(claim.metric_id) else UnknownMetric()
    if not metric.takes_from(by_key=reporter.is_server):
        return MetricNotAccepted()
    if claim.value > metric.per_event_max:
        return ValueTooHigh(metric.per_event_max)
    return clock_refusal(claim.occurred_at or at, at)


def new_event(learner: Any, claim: MetricClaim, *, source: str, reporter: Reporter, at: datetime) -> MetricEvent:
    """Unsaved."""
    occurred_at = claim.occurred_at or at
    return MetricEvent(
        learner=learner,
        metric_id=claim.metric_id,
        client_event_id=claim.client_event_id,
        value=claim.value,
        counted=claim.value,
        source=source,
        trust=trust_of_report(occurred_at, at, reporter),
        server_key=reporter.server_key,
        occurred_at=occurred_at,
        counts_at=None if reporter.is_server else joined_after(learner, occurred_at),
        created_at=at,
    )


def insert_events(events: Sequence[MetricEvent]) -> None:
    """The unique constraint decides: those that were recorded before, or by somebody else just now, get no key."""
    if events:
        # In one order everywhere, or two batches would wait for each other.
        in_order = sorted(events, key=lambda event: (event.learner_id, event.client_event_id))
        insert_new(in_order, conflict="(learner_id, client_event_id)", key=("learner", "client_event_id"))


def add_event(batch: AwardBatch, event: MetricEvent) -> None:
    """Count and pay a saved event, and give it its answer. `store_answers` has to follow."""
    reward = add_metric(
        batch,
        MetricAward(
            metric=batch.metrics[event.metric_id],
            value=event.value,
            reference_id=str(event.pk),
            occurred_at=event.effective_at,
            trust=event.trust,
            has_limits=not event.server_key,
        ),
    )
    event.counted = (reward.counted or {}).get(event.metric_id, event.value)
    event.answer = {
        "metric_id": event.metric_id,
        "value": event.value,
        "counted": event.counted,
        "total": batch.profile.counters.get(event.metric_id, 0),
        **represent_reward(reward),
    }


def store_answers(events: Sequence[MetricEvent]) -> None:
    update_rows(events, MetricEvent.DECISION)


def replay_same(stored: MetricEvent, claim: MetricClaim) -> dict[str, Any]:
    """The stored answer. Raise EventIdReused where the id belongs to another metric or value."""
    if (stored.metric_id, stored.value) != (claim.metric_id, claim.value):
        raise EventIdReused(_("This client_event_id stands for another event of a metric."))
    answer: dict[str, Any] = stored.answer
    return answer
