"""New events: recorded, paid one after the other in one batch, and written together.

The rules are those of single events (`recording.completions`); only the statements differ. See docs/decisions/0007.
"""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from gamification.awards import AwardBatch, award_batch
from hotsql.writes import insert_new, insert_rows, update_rows
from levels.errors import LevelLocked
from levels.history import LevelHistory
from levels.models import Level
from levels.prerequisites import prerequisites_of
from tracking.models import Completion, LearningSession
from tracking.recording.answers import first_answer
from tracking.recording.completions import add_to, award_of, record
from tracking.recording.limits import PREREQUISITE_HELD
from tracking.recording.trust import Reporter

from .events import Item, Status, Verdict


def insert(learner, items: list[Item], at: datetime, reporter: Reporter) -> list[Item]:
    """Give each its saved completion; returns those that another request has saved at the same time."""
    for item in items:
        item.completion = record(
            learner,
            item.level,
            item.claim,
            rules=item.rules,
            source=Completion.Source.SYNC,
            at=at,
            session=item.session,
            reporter=reporter,
        )
    if items:
        # In one order everywhere, or two batches would wait for each other.
        completions = sorted((item.completion for item in items), key=lambda completion: completion.client_event_id)
        insert_new(completions, conflict="(learner_id, client_event_id)", key="client_event_id")
    return [item for item in items if item.completion.pk is None]


def pay(learner, items: list[Item], history: LevelHistory, at: datetime) -> None:
    """Pay the inserted completions, delete those of levels that stay locked, and store the answers."""
    _insert_sessions(learner, [item for item in items if item.session_data and not item.session])
    planned = [award_of(item.completion, timing=item.timing) for item in items]
    with award_batch(learner.pk, at=at, planned=planned) as batch:
        _add_all(items, batch, Availability(learner, items, history))
        _remove([item for item in items if not item.earned])
        _store_answers([item for item in items if item.earned])


class Availability:
    """Which levels are available to the learner; passing one may make others available."""

    def __init__(self, learner: Any, items: list[Item], history: LevelHistory) -> None:
        self.history = history
        played = {item.level for item in items if not item.names_session}
        self.required = prerequisites_of(played)
        keys = {level.pk for level in played.union(*self.required.values())}
        inserted = [item.completion.pk for item in items]
        before = Completion.objects.filter(level=OuterRef("pk")).exclude(pk__in=inserted)
        # The first completion found decides, however many there are.
        passed, passed_or_held = Exists(before.passed_levels(learner)), Exists(before.passed_or_held_levels(learner))
        rows = Level.objects.filter(pk__in=keys).order_by().values_list("pk", passed, passed_or_held)
        self.passed = {level_id for level_id, is_passed, _ in rows if is_passed}
        self.passed_or_held = {level_id for level_id, _, is_passed_or_held in rows if is_passed_or_held}

    def missing(self, level: Level) -> list[Level]:
        return [required for required in self.required[level.pk] if required.pk not in self.passed]

    def includes(self, item: Item) -> bool:
        """Ending a session needs no check: it was made when the session started."""
        return item.names_session or self._is_open(item, self.passed)

    def is_opened_by_held(self, item: Item) -> bool:
        """Only results that wait for staff make its level available."""
        return self._is_open(item, self.passed_or_held)

    def _is_open(self, item: Item, passed: set[int]) -> bool:
        return self._is_available(item.level, passed) or self._was_available(item, passed)

    def _is_available(self, level: Level, passed: set[int]) -> bool:
        has_missing = any(required.pk not in passed for required in self.required[level.pk])
        return level.is_available(has_passed=level.pk in self.passed, has_missing=has_missing)

    def _was_available(self, item: Item, passed: set[int]) -> bool:
        """A result counts if its level was available when it was played, even if staff have closed it since."""
        if item.played_at is None:
            return False
        missing = self.history.missing_as_of(item.level, item.played_at, passed=passed)
        return item.earlier.is_available(has_passed=item.level.pk in self.passed, has_missing=bool(missing))

    def note(self, completion: Completion) -> None:
        if completion.passed:
            self.passed_or_held.add(completion.level_id)
        if completion.passed and not completion.held:
            self.passed.add(completion.level_id)


def _add_all(items: list[Item], batch: AwardBatch, availability: Availability) -> None:
    """In the order in which they happened; locked ones are tried again as long as others make levels available."""
    waiting = sorted(items, key=lambda item: item.completion.occurred_at)
    while waiting:
        locked = []
        for item in waiting:
            if not availability.includes(item):
                if not availability.is_opened_by_held(item):
                    locked.append(item)
                    continue
                item.completion.held_reason = PREREQUISITE_HELD
            item.earned = add_to(batch, item.completion, item.timing)
            availability.note(item.completion)
        if len(locked) == len(waiting):
            break
        waiting = locked
    for item in waiting:
        item.reject(LevelLocked(item.level, availability.missing(item.level)))


def _insert_sessions(learner, items: list[Item]) -> None:
    """Insert the sessions that took place offline."""
    for item in items:
        item.session = LearningSession(learner=learner, level=item.level, start_time=item.session_data.start_time)
        item.session.end(score=item.session_data.score, at=item.claim.occurred_at)
    insert_rows([item.session for item in items])
    for item in items:
        item.completion.session = item.session


def _remove(items: list[Item]) -> None:
    """A rejected event must not keep its id: once its level is available, it may be sent again."""
    if items:
        Completion.objects.filter(pk__in=[item.completion.pk for item in items]).delete()
        LearningSession.objects.filter(pk__in=[item.session.pk for item in items if item.session]).delete()


def _store_answers(items: list[Item]) -> None:
    started_online = [item for item in items if item.names_session]
    for item in started_online:
        item.session.end(score=item.session_data.score, at=item.claim.occurred_at)
    for item in items:
        item.completion.answer = first_answer(item.completion, item.earned)
        status = Status.HELD if item.completion.held else Status.CREATED
        item.verdict = Verdict(status, item.completion.answer)
    update_rows([item.session for item in started_online], LearningSession.END)
    update_rows([item.completion for item in items], [*Completion.DECISION, "session"])
