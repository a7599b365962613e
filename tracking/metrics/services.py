"""Reporting one event of a metric."""

from datetime import datetime
from typing import Any

from gamification.awards import award_batch, metrics_now
from hotsql.querysets import Prepared
from hotsql.writes import insert_if_absent
from tracking.idempotency.transactions import recording_transaction
from tracking.models import MetricEvent
from tracking.recording.admission import learner_refusal
from tracking.recording.completions import Outcome
from tracking.recording.trust import LEARNER, Reporter

from .events import MetricClaim, add_event, new_event, refusal, replay_same, store_answers

_stored = Prepared(
    lambda learner_id, event_id: MetricEvent.objects.filter(learner_id=learner_id, client_event_id=event_id)
)


def record_metric(
    *, learner: Any, claim: MetricClaim, source: str, at: datetime, reporter: Reporter = LEARNER
) -> Outcome:
    """Record an event and pay it once, however often and however parallel it is sent.

    For many events see `events`. Raise TrackingDisabled, UnknownMetric, MetricNotAccepted, ValueTooHigh,
    ClockOutOfRange, EventIdReused or LearnerErased.
    """
    with recording_transaction():
        if problem := learner_refusal(learner) or refusal(claim, metrics_now(), reporter=reporter, at=at):
            stored = _stored(learner.pk, claim.client_event_id)
            if not stored:
                raise problem
            return Outcome(replay_same(stored[0], claim), is_new=False)
        event = new_event(learner, claim, source=source, reporter=reporter, at=at)
        if not insert_if_absent(event, conflict="(learner_id, client_event_id)"):
            return Outcome(replay_same(_stored(learner.pk, claim.client_event_id)[0], claim), is_new=False)
        with award_batch(learner.pk, at=at, moment=event.effective_at) as batch:
            add_event(batch, event)
        store_answers([event])
        return Outcome(event.answer, is_new=True)
