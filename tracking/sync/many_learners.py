"""The events of many learners: a transaction for each chunk of learners, so that none is long.

Whatever happened is said for each event, and a learner whose events cannot be recorded does not stop the others.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import InterfaceError, OperationalError
from rest_framework.exceptions import APIException

from tracking.idempotency.transactions import recording_transaction

from .batch import record_items
from .events import AnyEvent, Item, Report, Verdict, item_of

logger = logging.getLogger(__name__)

LEARNERS_AT_ONCE = 100
TRIES = 3
# The SQLSTATE of a serialization failure, a deadlock and a lock timeout in PostgreSQL.
WORTH_ANOTHER_TRY = {"40001", "40P01", "55P03"}

LearnersEvent = tuple[Any, AnyEvent]


def record_for_many(events: Sequence[LearnersEvent], report: Report) -> list[Verdict]:
    """Record and pay what is new: (learner, event) of any number of learners; a verdict for each, in the order sent.

    Call it outside a transaction. Raise OperationalError where the database cannot be used: what was recorded until
    then is recognised when the events are sent again.
    """
    verdicts: list[Verdict | None] = [None] * len(events)
    for chunk in _chunks(events):
        items = _record_chunk([events[number] for number in chunk], report)
        for number, item in zip(chunk, items, strict=True):
            verdicts[number] = item.verdict
    return [verdict for verdict in verdicts if verdict]


def _chunks(events: Sequence[LearnersEvent]) -> Iterator[list[int]]:
    """Positions of the events, those of one learner together, learners in the order of their ids."""
    by_learner: dict[int, list[int]] = defaultdict(list)
    for number, (learner, _) in enumerate(events):
        by_learner[learner.pk].append(number)
    learner_ids = sorted(by_learner)
    for first in range(0, len(learner_ids), LEARNERS_AT_ONCE):
        yield [number for key in learner_ids[first : first + LEARNERS_AT_ONCE] for number in by_learner[key]]


def _record_chunk(events: list[LearnersEvent], report: Report) -> list[Item]:
    try:
        return _record_patiently(events, report)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        by_learner: dict[int, list[LearnersEvent]] = defaultdict(list)
        for learner, event in events:
            by_learner[learner.pk].append((learner, event))
        if len(by_learner) == 1:
            logger.exception("The events of a learner could not be recorded")
            return _rejected(events, error)
        # One of them is to blame: each gets a transaction of their own.
        return [item for own in by_learner.values() for item in _record_chunk(own, report)]


def _record_patiently(events: list[LearnersEvent], report: Report) -> list[Item]:
    """Once more where another transaction was in the way."""
    for tries_left in reversed(range(TRIES)):
        items = [item_of(learner, event) for learner, event in events]
        try:
            with recording_transaction():
                record_items(items, report)
        except OperationalError as error:
            if not tries_left or getattr(error.__cause__, "sqlstate", None) not in WORTH_ANOTHER_TRY:
                raise
        else:
            return items
    raise AssertionError


def _rejected(events: list[LearnersEvent], error: Exception) -> list[Item]:
    items = [item_of(learner, event) for learner, event in events]
    for item in items:
        item.reject(error if isinstance(error, APIException) else APIException())
    return items
