"""The file of an outbox: events that are waiting, and those that the server has refused.

Every write is on the disk before it returns. Several processes may use one file, and each may be killed at any moment.
"""

import json
import os
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import OutboxError
from .events import Event
from .tokens import create_private

BUSY_TIMEOUT = 30  # seconds for another process that writes

TABLE = """
CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event TEXT NOT NULL,
    clock_offset REAL,  -- seconds that the clock was behind when the event was put here; null where that was unknown
    not_before REAL NOT NULL DEFAULT 0,
    problem TEXT,  -- of an event that was refused for good
    UNIQUE (owner, event_id)
)
"""
# A clock that was set back must not keep an event for ever.
DUE = "owner = ? AND problem IS NULL AND NOT (not_before BETWEEN ? AND ? + 7200)"


@dataclass(frozen=True)
class Stored:
    position: int
    event: Event
    clock_offset: float | None


@dataclass(frozen=True)
class Rejected:
    """An event that the server has refused for good. It stays until it is discarded, or put back to be sent again."""

    event: Event
    problem: dict[str, Any]


class OutboxFile:
    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._anchor_of = 0  # the id of a process
        with self._database() as database:
            database.execute(TABLE)

    def put(self, owner: str, events: Iterable[Event], clock_offset: float | None) -> None:
        """An event that is here already is not stored twice."""
        rows = [(owner, event.client_event_id, as_json(event), clock_offset) for event in events]
        with self._writing() as database:
            database.executemany(
                "INSERT OR IGNORE INTO events (owner, event_id, event, clock_offset) VALUES (?, ?, ?, ?)", rows
            )

    def due(self, owner: str, now: float, limit: int) -> list[Stored]:
        """The oldest that wait, in the order in which they were put."""
        with self._database() as database:
            rows = database.execute(
                f"SELECT position, event, clock_offset FROM events WHERE {DUE} ORDER BY position LIMIT ?",  # noqa: S608
                (owner, now, now, limit),
            ).fetchall()
        return [Stored(position, from_json(event), offset) for position, event, offset in rows]

    def settle(
        self,
        done: Sequence[Stored] = (),
        postponed: Sequence[Stored] = (),
        rejected: Sequence[tuple[Stored, dict[str, Any]]] = (),
        *,
        not_before: float = 0,
    ) -> None:
        """What became of a batch, in one transaction."""
        with self._writing() as database:
            database.executemany("DELETE FROM events WHERE position = ?", [(each.position,) for each in done])
            database.executemany(
                "UPDATE events SET not_before = ? WHERE position = ?",
                [(not_before, each.position) for each in postponed],
            )
            database.executemany(
                "UPDATE events SET problem = ? WHERE position = ?",
                [(json.dumps(problem), each.position) for each, problem in rejected],
            )

    def count(self, owner: str) -> int:
        """What waits, also what is not due yet."""
        with self._database() as database:
            query = "SELECT count(*) FROM events WHERE owner = ? AND problem IS NULL"
            return int(database.execute(query, (owner,)).fetchone()[0])

    def rejected(self, owner: str) -> list[Rejected]:
        with self._database() as database:
            query = "SELECT event, problem FROM events WHERE owner = ? AND problem IS NOT NULL ORDER BY position"
            rows = database.execute(query, (owner,)).fetchall()
        return [Rejected(from_json(event), json.loads(problem)) for event, problem in rows]

    def retry(self, owner: str, event_id: str) -> None:
        with self._writing() as database:
            database.execute(
                "UPDATE events SET problem = NULL, not_before = 0 WHERE owner = ? AND event_id = ?", (owner, event_id)
            )

    def discard(self, owner: str, event_id: str) -> None:
        with self._writing() as database:
            database.execute("DELETE FROM events WHERE owner = ? AND event_id = ?", (owner, event_id))

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether this is the only drain of the file now. The system ends the lock when the process is killed."""
        lock = self.path.with_name(f"{self.path.name}.drain")
        create_private(lock)
        with closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as database:
            try:
                database.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise OutboxError(f"{lock}: {error}") from error
                yield False
                return
            yield True

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._database() as database:
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """Opened each time, so that threads and forked processes share nothing."""
        try:
            create_private(self.path)
            self._keep_one_open()
            with closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT, isolation_level=None)) as database:
                database.execute("PRAGMA synchronous = FULL")
                yield database
        except (sqlite3.Error, OSError) as error:
            raise OutboxError(f"{self.path}: {error}") from error

    def _keep_one_open(self) -> None:
        """Closing the last connection makes SQLite write the whole file, which takes several times as long as a put."""
        if self._anchor_of != os.getpid():
            self._anchor_of = os.getpid()
            anchor = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT, check_same_thread=False)
            weakref.finalize(self, anchor.close)
            anchor.execute("PRAGMA journal_mode = WAL")
            anchor.execute("SELECT count(*) FROM sqlite_master").fetchone()  # opens the file


def as_json(event: Event) -> str:
    return json.dumps(vars(event), allow_nan=False)


def from_json(text: str) -> Event:
    return Event(**json.loads(text))
