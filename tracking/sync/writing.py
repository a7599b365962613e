"""New events: recorded, paid one after the other in one batch, and written together.

The rules are those of single events (`recording.completions`); only the statements differ. See docs/decisions/0007.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from rest_framework.exceptions import APIException

from gamification.awards import Award, AwardBatch, award_batches, lock_profiles, refusal_of_erased
from gamification.models import Trust
from hotsql.writes import insert_new, insert_rows, update_rows
from levels.errors import LevelLocked
from levels.history import LevelHistory
from tracking.models import Completion, LearningSession
from tracking.plays.offline import store_answers
from tracking.recording.answers import LevelCards, first_answer
from tracking.recording.completions import add_to, award_of, record
from tracking.recording.limits import PREREQUISITE_HELD

from . import rows
from .availability import Availability, Standing
from .events import Item, Report, ResultItem, RowItem, Status, Verdict


def insert(items: list[ResultItem], report: Report) -> None:
    """Give each its completion. Those that another request has saved at the same time are not saved."""
    for item in items:
        item.completion = record(
            item.learner,
            item.level,
            item.claim,
            rules=item.rules,
            source=report.source,
            at=report.at,
            session=item.session,
            reporter=report.reporter,
            category="",  # known once the profile is locked
        )
        if item.play:
            item.completion.passed = item.play.passed
            item.completion.trust = Trust.VERIFIED if report.reporter.is_server else Trust.OFFLINE
    if items:
        # In one order everywhere, or two batches would wait for each other.
        completions = [item.completion for item in sorted(items, key=lambda item: item.key)]
        insert_new(completions, conflict="(learner_id, client_event_id)", key=rows.KEY)


def pay(items: Sequence[Item], history: LevelHistory, at: datetime) -> dict[int, APIException]:
    """Pay what was inserted, delete what cannot be paid (its level stays locked), and store the answers.

    Nothing is kept of a learner for whom nothing can be recorded; the answer says why, by the learner's id.
    """
    if not items:
        return {}
    results = [item for item in items if isinstance(item, ResultItem)]
    _insert_sessions([item for item in results if item.session_data and not item.session])
    store_answers([item.play for item in results if item.play])
    by_learner = {key: list(own) for key, own in groupby(sorted(items, key=_learner_id), _learner_id)}
    profiles = lock_profiles(by_learner.keys())
    standing = Standing(results, history)
    planned = {key: [_award(item) for item in own if isinstance(item, ResultItem)] for key, own in by_learner.items()}
    others = [item for item in items if isinstance(item, RowItem)]
    with award_batches(profiles, planned, at=at, moments=[item.row.occurred_at for item in others]) as batches:
        refused = {key: _add_all(own, batches, standing.of(key)) for key, own in by_learner.items()}
        _remove([item for item in results if not item.is_paid])
        _store_answers([item for item in results if item.is_paid])
        rows.remove([item for item in others if not item.is_paid])
        rows.store_answers([item for item in others if item.is_paid])
    return {learner_id: problem for learner_id, problem in refused.items() if problem}


def _award(item: ResultItem) -> Award:
    item.award = award_of(item.completion, timing=item.timing)
    return item.award


def _learner_id(item: Item) -> int:
    return item.learner.pk


def _add_all(items: list[Item], batches: dict[int, AwardBatch], availability: Availability) -> APIException | None:
    """Add the items of one learner to their batch; remove it where nothing can be recorded, and say why."""
    learner_id = items[0].learner.pk
    if learner_id not in batches:
        return refusal_of_erased(learner_id)
    try:
        _add_available(items, batches[learner_id], availability)
    except APIException as problem:
        del batches[learner_id]
        for item in items:
            item.is_paid = False
        return problem
    return None


def _add_available(items: list[Item], batch: AwardBatch, availability: Availability) -> None:
    """In the order in which they happened; locked ones are tried again as long as others make levels available."""
    waiting = sorted(items, key=lambda item: item.row.occurred_at)
    while waiting:
        locked = [item for item in waiting if not _add(item, batch, availability)]
        if len(locked) == len(waiting):
            break
        waiting = locked
    for item in waiting:
        item.reject(LevelLocked(item.level, availability.missing(item.level)))


def _add(item: Item, batch: AwardBatch, availability: Availability) -> bool:
    """Whether it was added: its level may be locked."""
    if isinstance(item, RowItem):
        item.add_to(batch)
        item.is_paid = True
        return True
    if not availability.includes(item):
        if not availability.is_opened_by_held(item):
            return False
        item.completion.held_reason = PREREQUISITE_HELD
    item.earned = add_to(batch, item.completion, item.award.timing, planned=item.award)
    item.is_paid = True
    availability.note(item.completion)
    return True


def _insert_sessions(items: list[ResultItem]) -> None:
    """Insert the sessions that took place offline."""
    for item in items:
        item.session = LearningSession(learner=item.learner, level=item.level, start_time=item.session_data.start_time)
        item.session.end(score=item.session_data.score, at=item.claim.occurred_at)
    insert_rows([item.session for item in items])
    for item in items:
        item.completion.session = item.session


def _remove(items: list[ResultItem]) -> None:
    """A rejected event must not keep its id: once its level is available, it may be sent again."""
    if items:
        Completion.objects.filter(pk__in=[item.completion.pk for item in items]).delete()
        LearningSession.objects.filter(
            pk__in=[item.session.pk for item in items if item.session and not item.names_session]
        ).delete()


def _store_answers(items: list[ResultItem]) -> None:
    started_online = [item for item in items if item.names_session]
    for item in started_online:
        score = item.claim.score if item.play else item.session_data.score
        item.session.end(score=score, at=item.claim.occurred_at)
    cards = LevelCards()
    for item in items:
        completion, earned = item.completion, item.earned
        answer = item.play.tally.answer(completion, earned) if item.play else first_answer(completion, earned, cards)
        completion.answer = answer
        status = Status.HELD if item.completion.held else Status.CREATED
        item.verdict = Verdict(status, item.completion.given_answer)
    update_rows([item.session for item in started_online], LearningSession.END)
    update_rows([item.completion for item in items], [*Completion.DECISION, "session", "category"])
