"""Reporting events of metrics in tests."""

from uuid import uuid4

from django.utils import timezone

from tracking.metrics.events import MetricClaim
from tracking.metrics.services import record_metric
from tracking.recording.trust import LEARNER


def record(learner, value, metric_id="pages_read", *, reporter=LEARNER, at=None, **claim):
    claim = MetricClaim(metric_id, value, claim.pop("client_event_id", None) or uuid4(), **claim)
    return record_metric(learner=learner, claim=claim, source="api", reporter=reporter, at=at or timezone.now()).answer
