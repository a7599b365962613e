"""What the events of a batch refer to, read in one statement each: sessions, levels, earlier completions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from levels.history import LevelHistory
from levels.models import Level, as_reference
from tracking.models import Completion, LearningSession
from tracking.plays.offline import LatePlay, questions_by_play

from .events import ResultItem
from .rows import stored_rows


class BatchLookups:
    """Locks the sessions, ordered by primary key; what is read after them cannot change before the transaction ends."""

    def __init__(self, items: list[ResultItem], at: datetime) -> None:
        self.sessions = _lock_sessions(items)
        self.levels = Levels(item.claim.level for item in items if not item.names_session)
        for item in items:
            self._resolve(item, at)
        self.history = _look_back(items, at)
        self.questions = questions_by_play(_open_plays(items))
        self.events = stored_rows(Completion, items)
        self.ends = _stored_ends(self.sessions.values())

    def judge(self, item: ResultItem, at: datetime) -> None:
        """Give the event of an open play what its answers come to. Only a new one: a play is judged once."""
        if item.is_play and item.session and item.session.is_play:
            item.play = LatePlay(item.session, self.questions[item.session.pk], item.answers or (), at)
            item.claim = item.play.claim(item.claim, item.earlier)

    def _resolve(self, item: ResultItem, at: datetime) -> None:
        """Give it its level and session, and the moment at which that ended."""
        if not item.names_session:
            item.level = self.levels.find(item.claim.level, by_name=item.session_data is not None)
        elif session := self._session_of(item):
            item.level, item.session = session.level, session
            if item.is_play:
                return  # it ended with its last answer
            if item.ends_now:
                lasted = max(at - session.start_time, timedelta(0))
                item.claim = replace(item.claim, time_spent=int(lasted.total_seconds()), occurred_at=at)
            else:
                ended_at = session.start_time + timedelta(seconds=item.claim.time_spent)
                item.claim = replace(item.claim, occurred_at=ended_at)

    def _session_of(self, item: ResultItem) -> LearningSession | None:
        session = self.sessions.get(item.session_data.session_id)
        return session if session and session.learner_id == item.learner.pk else None


class Levels:
    """The levels that a batch names, in one statement; further ones only for names that no level has as its own."""

    def __init__(self, references: Iterable[int | str]) -> None:
        self._references = set(references)
        rows = list(Level.objects.named_by_any(self._references))
        self.by_number = {level.number: level for level in rows}
        self.by_level_id = {level.level_id: level for level in rows}
        self.by_name = {level.name: level for level in rows}

    def find(self, reference: int | str, *, by_name: bool) -> Level | None:
        """As `LevelQuerySet.named` finds it."""
        reference = as_reference(reference)
        if isinstance(reference, int):
            return self.by_number.get(reference)
        if reference in self.by_level_id or not by_name:
            return self.by_level_id.get(reference)
        return self.by_name.get(reference) or self._by_translated_name.get(reference)

    @cached_property
    def _by_translated_name(self) -> dict[str, Level]:
        texts = {reference for reference in map(as_reference, self._references) if isinstance(reference, str)}
        return Level.objects.by_translated_name(texts - self.by_level_id.keys() - self.by_name.keys())


def _look_back(items: list[ResultItem], at: datetime) -> LevelHistory:
    """Give each item its level as it was when it was played."""
    found = [item for item in items if item.level]
    moments = [item.played_at or at for item in found]
    history = LevelHistory({item.level for item in found}, min(moments, default=at))
    for item, moment in zip(found, moments, strict=True):
        item.earlier = history.as_of(item.level, moment)
    return history


def _open_plays(items: Iterable[ResultItem]) -> set[LearningSession]:
    sessions = {item.session for item in items if item.is_play and item.session}
    return {session for session in sessions if session.is_play and not session.has_ended}


def _lock_sessions(items: list[ResultItem]) -> dict[int, LearningSession]:
    named = {item.session_data.session_id for item in items if item.names_session}
    own = LearningSession.objects.filter(learner__in={item.learner.pk for item in items})
    rows = own.select_related("level", "play").locked().filter(pk__in=named).order_by("pk")
    return {session.pk: session for session in rows}


def _stored_ends(sessions: Iterable[LearningSession]) -> dict[int, Completion]:
    """The completions of those that have ended, by the id of the session."""
    ended = [session.pk for session in sessions if session.has_ended]
    return {completion.session_id: completion for completion in Completion.objects.filter(session__in=ended)}
