"""Each event of a batch is checked by itself; new ones are recorded and paid together."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from rest_framework.exceptions import APIException

from levels.errors import UnknownLevel
from tracking.errors import EventIdReused, SessionAbandoned, SessionAlreadyEnded, SessionIsPlay, SessionNotFound
from tracking.idempotency.transactions import recording_transaction
from tracking.models import Completion
from tracking.plays.offline import late_refusal
from tracking.recording.admission import clock_refusal, learner_refusal, score_refusal, verified_refusal
from tracking.recording.completions import replay_same, same_end
from tracking.recording.trust import LEARNER, Reporter

from . import rows
from .events import AnyEvent, Item, Report, ResultItem, RowItem, Status, Verdict, item_of
from .lookups import BatchLookups
from .writing import insert, pay


def sync(*, learner, events: Iterable[AnyEvent], at: datetime, reporter: Reporter = LEARNER) -> list[Verdict]:
    """Record and pay what is new; a verdict for each event, in the order sent.

    Raise TrackingDisabled where anything is new and the learner is not tracked, so that a client keeps its queue;
    LearnerErased or BalanceTooLarge.
    """
    items = [item_of(learner, event) for event in events]
    with recording_transaction():
        if refused := record_items(items, Report(at, reporter, Completion.Source.SYNC)):
            raise refused[learner.pk]
    return [item.verdict for item in items]


def record_items(items: Sequence[Item], report: Report) -> dict[int, APIException]:
    """Record and pay what is new of several learners, in the caller's transaction; give each item its verdict.

    Of a learner who is refused as a whole (the answer: learner's id -> why) everything new is rejected.
    """
    results = [item for item in items if isinstance(item, ResultItem)]
    known = BatchLookups(results, report.at)
    new_results = _sort_out(results, known, report)
    new_rows = rows.sort_out([item for item in items if isinstance(item, RowItem)], report)
    refused = _refuse_learners([*new_results, *new_rows])
    insert([item for item in new_results if item.learner.pk not in refused], report)
    _replay_others([item for item in new_results if item.row and not item.is_saved])
    rows.insert([item for item in new_rows if item.learner.pk not in refused], report)
    new = [*new_results, *new_rows]
    refused |= pay([item for item in new if item.is_saved], known.history, report.at)
    for item in new:
        if item.verdict is None:
            item.reject(refused[item.learner.pk])
    for item in items:
        if item.first:
            _repeat(item, item.first)
    return refused


def _sort_out(items: list[ResultItem], known: BatchLookups, report: Report) -> list[ResultItem]:
    """The new items. Others get a verdict, or `first`: an earlier item of the batch with the same id or session."""
    new, firsts = [], {}
    for item in items:
        session = item.session
        if stored := known.events.get(item.key):
            _replay(item, stored)
        elif session and session.has_ended and session.is_play == item.is_play:
            _replay_end(item, known.ends[session.pk])
        elif first := firsts.get(item.key) or firsts.get(session):
            item.first = first
        elif problem := _refusal(item, known, report):
            item.reject(problem)
        else:
            firsts |= {item.key: item} | ({session: item} if session else {})
            new.append(item)
    return new


def _refuse_learners(new: Iterable[Item]) -> dict[int, APIException]:
    refusals = {item.learner.pk: learner_refusal(item.learner) for item in new}
    return {learner_id: refusal for learner_id, refusal in refusals.items() if refusal}


def _refusal(item: ResultItem, known: BatchLookups, report: Report) -> APIException | None:
    """Checks that need no write. Locked levels are checked later, since another event of the batch may open them."""
    at = report.at
    if refusal := _subject_refusal(item, at):
        return refusal
    known.judge(item, at)
    return (
        clock_refusal(item.claim.occurred_at or at, at)
        or (None if item.is_play else verified_refusal(item.rules, report.reporter))
        or score_refusal(item.rules, item.claim.score)
    )


def _subject_refusal(item: ResultItem, at: datetime) -> APIException | None:
    if not item.names_session:
        return None if item.level and (item.level.published or item.earlier.published) else UnknownLevel()
    if item.session is None:
        return SessionNotFound()
    if item.is_play:
        return late_refusal(item.session, at)
    if item.session.is_play:
        return SessionIsPlay()
    # A session that ended in time counts, even if it was marked as abandoned before its end arrived.
    late = item.session.is_abandoned(at) if item.ends_now else item.session.is_too_old(item.claim.occurred_at)
    return SessionAbandoned() if late else None


def _replay_others(items: list[ResultItem]) -> None:
    """Another request has recorded them at the same time."""
    stored = rows.stored_rows(Completion, items)
    for item in items:
        _replay(item, stored[item.key])


def _repeat(item: Item, first: Item) -> None:
    if first.verdict.status == Status.REJECTED:
        item.verdict = first.verdict
    elif isinstance(item, RowItem):
        rows.replay(item, first.row)
    elif first.key == item.key:
        _replay(item, first.completion)
    else:
        _replay_end(item, first.completion)


def _replay(item: ResultItem, stored: Completion) -> None:
    if item.is_play:
        _replay_play(item, stored)
        return
    claim = replace(item.claim, time_spent=stored.time_spent) if item.ends_now else item.claim
    try:
        item.verdict = Verdict(Status.REPLAYED, replay_same(stored, item.level, claim).answer)
    except EventIdReused as problem:
        item.reject(problem)


def _replay_play(item: ResultItem, stored: Completion) -> None:
    """The session decides: of its answers, the first ones count."""
    if item.session and stored.session_id == item.session.pk:
        item.verdict = Verdict(Status.REPLAYED, stored.given_answer)
    else:
        item.reject(EventIdReused())


def _replay_end(item: ResultItem, completion: Completion) -> None:
    try:
        item.verdict = Verdict(Status.REPLAYED, same_end(completion, item.session_data.score).given_answer)
    except SessionAlreadyEnded as problem:
        item.reject(problem)
