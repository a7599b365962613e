"""Each event of a batch is checked by itself; new ones are recorded and paid together."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from rest_framework.exceptions import APIException

from levels.errors import UnknownLevel
from tracking.errors import EventIdReused, SessionAbandoned, SessionAlreadyEnded, SessionNotFound
from tracking.idempotency.transactions import recording_transaction
from tracking.models import Completion
from tracking.recording.admission import clock_refusal, learner_refusal, score_refusal
from tracking.recording.completions import replay_same, same_end
from tracking.recording.trust import LEARNER, Reporter

from .events import Event, Item, Status, Verdict
from .lookups import BatchLookups
from .writing import insert, pay


def sync(*, learner, events: Iterable[Event], at: datetime, reporter: Reporter = LEARNER) -> list[Verdict]:
    """Record and pay what is new; a verdict for each event, in the order sent.

    Raise TrackingDisabled where anything is new and the learner is not tracked, so that a client keeps its queue.
    """
    items = [Item(event) for event in events]
    with recording_transaction():
        known = BatchLookups(learner, items, at)
        new = _sort_out(items, known, at)
        if new and (refusal := learner_refusal(learner)):
            raise refusal
        if others := insert(learner, new, at, reporter):
            _replay_others(learner, others)
        if inserted := [item for item in new if not item.verdict]:
            pay(learner, inserted, known.history, at)
    for item in items:
        if item.first:
            _repeat(item, item.first)
    return [item.verdict for item in items]


def _sort_out(items: list[Item], known: BatchLookups, at: datetime) -> list[Item]:
    """The new items. Others get a verdict, or `first`: an earlier item of the batch with the same id or session."""
    new, firsts = [], {}
    for item in items:
        event_id, session = item.claim.client_event_id, item.session
        if stored := known.events.get(event_id):
            _replay(item, stored)
        elif session and session.has_ended:
            _replay_end(item, known.ends[session.pk])
        elif first := firsts.get(event_id) or firsts.get(session):
            item.first = first
        elif problem := _refusal(item, at):
            item.reject(problem)
        else:
            firsts |= {event_id: item} | ({session: item} if session else {})
            new.append(item)
    return new


def _refusal(item: Item, at: datetime) -> APIException | None:
    """Checks that need no write. Locked levels are checked later, since another event of the batch may open them."""
    return (
        _subject_refusal(item, at)
        or clock_refusal(item.claim.occurred_at or at, at)
        or score_refusal(item.rules, item.claim.score)
    )


def _subject_refusal(item: Item, at: datetime) -> APIException | None:
    if not item.names_session:
        return None if item.level and (item.level.published or item.earlier.published) else UnknownLevel()
    if item.session is None:
        return SessionNotFound()
    # A session that ended in time counts, even if it was marked as abandoned before its end arrived.
    late = item.session.is_abandoned(at) if item.ends_now else item.session.is_too_old(item.claim.occurred_at)
    return SessionAbandoned() if late else None


def _replay_others(learner, items: list[Item]) -> None:
    """Another request has recorded them at the same time."""
    event_ids = [item.claim.client_event_id for item in items]
    stored = Completion.objects.filter(learner=learner, client_event_id__in=event_ids)
    by_event = {completion.client_event_id: completion for completion in stored}
    for item in items:
        _replay(item, by_event[item.claim.client_event_id])


def _repeat(item: Item, first: Item) -> None:
    if first.verdict.status == Status.REJECTED:
        item.verdict = first.verdict
    elif first.claim.client_event_id == item.claim.client_event_id:
        _replay(item, first.completion)
    else:
        _replay_end(item, first.completion)


def _replay(item: Item, stored: Completion) -> None:
    claim = replace(item.claim, time_spent=stored.time_spent) if item.ends_now else item.claim
    try:
        item.verdict = Verdict(Status.REPLAYED, replay_same(stored, item.level, claim).answer)
    except EventIdReused as problem:
        item.reject(problem)


def _replay_end(item: Item, completion: Completion) -> None:
    try:
        item.verdict = Verdict(Status.REPLAYED, same_end(completion, item.session_data.score).given_answer)
    except SessionAlreadyEnded as problem:
        item.reject(problem)
