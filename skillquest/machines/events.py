"""What a server reports of many learners: each event is read, its learner found, and recorded with the others."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from rest_framework.exceptions import APIException, ValidationError

from gamification.errors import LearnerNotFound
from tracking.metrics.events import MetricClaim
from tracking.models import Completion
from tracking.recording.metadata import ValueWarning
from tracking.recording.trust import Reporter
from tracking.sync.events import AnyEvent, Report, Verdict
from tracking.sync.many_learners import record_for_many
from tracking.sync.results import rejected, result_of
from tracking.sync.serializers import read_event

from .events_serializers import COUNTED, LEARNER, READERS, without_learner
from .learners import Learners, NewLearner, ensure_learners, find_learners
from .models import ServerKey
from .named_learners import NoLearner

NO_NAME = ValueWarning("learner.display_name", later("This name is not allowed. The account was created without one."))


@dataclass(frozen=True)
class Reading:
    """One event as it was sent, and what it says; or its `problem`."""

    sent: Any
    event: AnyEvent | None = None
    learner: NewLearner | None = None
    problem: APIException | None = None


def record_events(
    sent: Sequence[Any], *, key: ServerKey, create_learners: bool, shift: timedelta, at: datetime
) -> list[dict]:
    """Record and pay what is new; a result for each event, in the order sent."""
    read_learner = _learner_reader()
    readings = [_read(event, shift, read_learner) for event in sent]
    learners = _learners_of(readings, key, create=create_learners, at=at)
    problems = [reading.problem or _refusal(reading, learners) for reading in readings]
    accepted = [reading for reading, problem in zip(readings, problems, strict=True) if not problem]
    events = [(learners.people[reading.learner.external_id], reading.event) for reading in accepted]
    report = Report(at, Reporter(key.prefix), Completion.Source.API)
    verdicts = iter(record_for_many(events, report))
    return [
        rejected(reading.sent, problem) if problem else _result(reading, next(verdicts), learners)
        for reading, problem in zip(readings, problems, strict=True)
    ]


def _result(reading: Reading, verdict: Verdict, learners: Learners) -> dict:
    result = result_of(reading.sent, verdict, _warnings(reading, learners))
    if verdict.problem:
        return result
    is_metric = isinstance(reading.event, MetricClaim)
    return {**result, "metric": {name: verdict.answer[name] for name in COUNTED} if is_metric else None}


def _read(sent: Any, shift: timedelta, read_learner: Callable[[Any], NewLearner]) -> Reading:
    try:
        body, learner = without_learner(sent)
        event = read_event(body, NoLearner(), READERS)
        return Reading(sent, event.shifted(shift) if shift else event, read_learner(learner))
    except ValidationError as problem:
        return Reading(sent, problem=problem)


def _learner_reader() -> Callable[[Any], NewLearner]:
    """Most learners have several events in a batch, and are read once."""
    known: dict[str, NewLearner] = {}

    def read(body: Any) -> NewLearner:
        name = json.dumps(body)
        if name not in known:
            known[name] = _read_learner(body)
        return known[name]

    return read


def _read_learner(body: Any) -> NewLearner:
    """Raise ValidationError, by field."""
    if not isinstance(body, dict):
        raise ValidationError({"learner": [_("Required: an object with an external_id.")]})
    try:
        checked = import_string(settings.API_BODY_CHECK)(dict(body), type(LEARNER), NoLearner())
        return LEARNER.read(checked)
    except ValidationError as problem:
        raise ValidationError({"learner": problem.detail}) from None


def _learners_of(readings: Sequence[Reading], key: ServerKey, *, create: bool, at: datetime) -> Learners:
    wanted = [reading.learner for reading in readings if reading.learner]
    if create:
        return ensure_learners(wanted, is_test=key.is_test, at=at)
    return find_learners({learner.external_id for learner in wanted}, is_test=key.is_test, at=at)


def _refusal(reading: Reading, learners: Learners) -> APIException | None:
    external_id = reading.learner.external_id
    return None if external_id in learners.people else learners.refused.get(external_id, LearnerNotFound())


def _warnings(reading: Reading, learners: Learners) -> tuple[ValueWarning, ...]:
    own = getattr(reading.event, "warnings", ())  # there is nothing to be cut from an event of a metric
    return (*own, NO_NAME) if reading.learner.external_id in learners.unnamed else own
