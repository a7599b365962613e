"""Boards in Redis, where every rank takes the same time. The database answers where Redis may be incomplete or old."""

import threading
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache

from django.conf import settings
from django.utils import timezone

from . import redis_scripts as scripts
from . import scores as sources
from . import windows
from .background import RepairThread
from .base import ALL_TIME, Board, Metric, Ranking, Standing, ranking_named, standings
from .database_board import DatabaseBoard
from .redis_connection import Connection, RedisUnavailable
from .scores import Row, Scores

# In braces: a cluster keeps all keys of a script on one server.
PREFIX = "skillquest:{boards}"
GUARD_SECONDS = 3600  # longer than any write can be late
BUILDER_MILLISECONDS = 10_000  # after this without progress, another process may build
FILLED_AT_ONCE = 500

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class RedisBoard(Board):
    def read(self, learner_id: int | None, *, limit: int, around: int, at: datetime) -> Ranking:
        found = store().read(self.metric, learner_id, limit=limit, around=around, at=at)
        return found or DatabaseBoard(self.metric).read(learner_id, limit=limit, around=around, at=at)


def store() -> "Store":
    return _store_at(settings.REDIS_URL)


class Store:
    """All boards in one Redis, as this process sees them. Nothing here raises because of Redis but `build`."""

    def __init__(self, url: str) -> None:
        self.connection = Connection(url)
        self.repairs = RepairThread(self.repair)
        self.lock = threading.Lock()
        self.missed: set[int] = set()  # learners whose new scores did not reach Redis
        self.wanted: set[str] = set()  # boards that are incomplete, or soon too old

    def read(self, metric: Metric, learner_id: int | None, *, limit: int, around: int, at: datetime) -> Ranking | None:
        """None where Redis is unavailable, or the board incomplete or old; then it is repaired in the background."""
        try:
            answer = self._read(metric, learner_id, limit, around)
        except RedisUnavailable:
            answer = None
        built_at = _moment(answer[0]) if answer else None
        if not windows.is_fresh(built_at, oldest=windows.renewal_due_before(at), at=at):
            self._want([metric.name])
        if not windows.is_fresh(built_at, oldest=at - settings.LEADERBOARD_WINDOW_AGE, at=at):
            return None
        return _ranking(answer, learner_id, as_of=built_at if metric.is_windowed else at)

    def update_scores(self, changed: list[Scores]) -> None:
        try:
            self._write(changed)
        except RedisUnavailable:
            self._miss(changed)

    def build(self, metric: Metric, *, at: datetime, oldest: datetime) -> bool:
        """Build a board that is incomplete or older than `oldest`. Raise RedisUnavailable.

        Return False if another process is building it.
        """
        answer = self._read(metric, None, 0, 0)
        if answer and windows.is_fresh(_moment(answer[0]), oldest=oldest, at=at):
            return True
        as_of = windows.refresh(metric, at=at, oldest=oldest) if metric.is_windowed else at
        token = uuid.uuid4().hex
        board, following, building = _keys(metric)
        if not self.connection.run(scripts.START, [building, following], [token, BUILDER_MILLISECONDS]):
            return False
        for chunk in sources.rows_of(metric, at):
            if not all(self.connection.run_all(scripts.FILL, _fillings(metric, token, chunk))):
                return False
        return bool(self.connection.run(scripts.FINISH, [building, following, board], [token, _microseconds(as_of)]))

    def repair(self) -> bool:
        """Write what was missed; False where that must be tried again."""
        with self.lock:
            missed, self.missed = self.missed, set()
            wanted, self.wanted = self.wanted, set()
        at = timezone.now()
        try:
            self._write(list(sources.scores_of(missed, at)))
            for name in wanted:
                self.build(ranking_named(name), at=at, oldest=windows.renewal_due_before(at))
        except BaseException as error:
            with self.lock:
                self.missed |= missed
                self.wanted |= wanted
            if isinstance(error, RedisUnavailable):
                return False
            raise
        return True

    def _miss(self, changed: list[Scores]) -> None:
        with self.lock:
            self.missed.update(scores.learner_id for scores in changed)
        # Redis may have lost its data.
        self._want({*(metric.name for metric in ALL_TIME), *(name for scores in changed for name in scores.by_metric)})

    def _want(self, names: Iterable[str]) -> None:
        with self.lock:
            self.wanted.update(names)
        self.repairs.wake()

    def _read(self, metric: Metric, learner_id: int | None, limit: int, around: int) -> list | None:
        member = "" if learner_id is None else _member(learner_id)
        return self.connection.run(scripts.READ, [_keys(metric)[0]], [member, limit, around])

    def _write(self, changed: list[Scores]) -> None:
        if changed:
            self.connection.run_all(scripts.WRITE, [_writing(scores) for scores in changed])


_store_at = cache(Store)


def _keys(metric: Metric) -> tuple[str, str, str]:
    board = f"{PREFIX}:{metric.name}"
    return board, f"{board}:next", f"{board}:building"


def _guard(group: str, learner_id: int) -> str:
    return f"{PREFIX}:{group}:{learner_id}"


def _member(learner_id: int) -> str:
    return f"{learner_id:019}"


def _writing(scores: Scores) -> tuple[list[str], list]:
    keys = [_guard(scores.group, scores.learner_id)]
    values = [scores.revision, _member(scores.learner_id), GUARD_SECONDS]
    for name, score in scores.by_metric.items():
        keys += _keys(ranking_named(name))
        values.append(score)
    return keys, values


def _fillings(metric: Metric, token: str, rows: list[Row]) -> list[tuple[list[str], list]]:
    _, following, building = _keys(metric)
    group = sources.group_of(metric)
    fillings = []
    for first in range(0, len(rows), FILLED_AT_ONCE):
        keys, values = [building, following], [token, BUILDER_MILLISECONDS]
        for learner_id, score, revision in rows[first : first + FILLED_AT_ONCE]:
            keys.append(_guard(group, learner_id))
            values += (_member(learner_id), score, revision)
        fillings.append((keys, values))
    return fillings


def _ranking(answer: list, learner_id: int | None, *, as_of: datetime) -> Ranking:
    _, total, top, around, *mine = answer
    me = Standing(mine[1] + 1, learner_id, _score(mine[0])) if mine else None
    return Ranking(as_of, total, _standings(*top), _standings(*around), me)


def _standings(position: int, rank: int, flat: list[str]) -> list[Standing]:
    rows = [(int(member), _score(score)) for member, score in zip(flat[::2], flat[1::2], strict=True)]
    return standings(rows, position=position, rank=rank)


def _score(text: str) -> int:
    """Redis writes a double, which is exact up to 2**53 and may look like 1e+16."""
    return -int(float(text))


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _moment(text: str) -> datetime:
    return EPOCH + int(float(text)) * MICROSECOND
