"""What the events of a batch refer to, read in one statement each: sessions, levels, earlier completions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from levels.history import LevelHistory
from levels.models import Level, as_reference
from tracking.models import Completion, CompletionQuerySet, LearningSession
from tracking.recording.categories import counted_category, with_counted_category

from .events import Item


class BatchLookups:
    """Locks the sessions, ordered by primary key; what is read after them cannot change before the transaction ends."""

    def __init__(self, learner: Any, items: list[Item], at: datetime) -> None:
        self.sessions = _lock_sessions(learner, items)
        self.levels = Levels(learner, (item.claim.level for item in items if not item.names_session))
        for item in items:
            self._resolve(item, at)
        self.history = _look_back(items, at)
        stored = list(_stored(learner, items, self.sessions.values()))
        self.events = {completion.client_event_id: completion for completion in stored}
        self.ends = {completion.session_id: completion for completion in stored}

    def _resolve(self, item: Item, at: datetime) -> None:
        """Give it its level and session, and the moment at which that ended."""
        if not item.names_session:
            item.level = self.levels.find(item.claim.level, by_name=item.session_data is not None)
        elif session := self.sessions.get(item.session_data.session_id):
            item.level, item.session = session.level, session
            item.level.counted_category = session.counted_category
            if item.ends_now:
                lasted = max(at - session.start_time, timedelta(0))
                item.claim = replace(item.claim, time_spent=int(lasted.total_seconds()), occurred_at=at)
            else:
                ended_at = session.start_time + timedelta(seconds=item.claim.time_spent)
                item.claim = replace(item.claim, occurred_at=ended_at)


class Levels:
    """The levels that a batch names, in one statement."""

    def __init__(self, learner: Any, references: Iterable[int | str]) -> None:
        named = Level.objects.named_by_any(set(references))
        rows = list(named.annotate(counted_category=counted_category(learner)))
        self.by_number = {level.number: level for level in rows}
        self.by_level_id = {level.level_id: level for level in rows}
        self.by_name = {level.name: level for level in rows}

    def find(self, reference: int | str, *, by_name: bool) -> Level | None:
        """As `LevelQuerySet.named` finds it."""
        reference = as_reference(reference)
        if isinstance(reference, int):
            return self.by_number.get(reference)
        return self.by_level_id.get(reference) or (self.by_name.get(reference) if by_name else None)


def _look_back(items: list[Item], at: datetime) -> LevelHistory:
    """Give each item its level as it was when it was played."""
    found = [item for item in items if item.level]
    moments = [item.played_at or at for item in found]
    history = LevelHistory({item.level for item in found}, min(moments, default=at))
    for item, moment in zip(found, moments, strict=True):
        item.earlier = history.as_of(item.level, moment)
    return history


def _lock_sessions(learner, items: list[Item]) -> dict[int, LearningSession]:
    mine = with_counted_category(LearningSession.objects.filter(learner=learner), learner).locked()
    named = {item.session_data.session_id for item in items if item.names_session}
    return {session.pk: session for session in mine.filter(pk__in=named).order_by("pk")}


def _stored(learner: Any, items: list[Item], sessions: Iterable[LearningSession]) -> CompletionQuerySet:
    event_ids = [item.claim.client_event_id for item in items]
    ended = [session.pk for session in sessions if session.has_ended]
    return Completion.objects.filter(Q(client_event_id__in=event_ids) | Q(session__in=ended), learner=learner)
