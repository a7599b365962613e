"""The tokens of a person, in memory or in a file, renewed by one thread of one process at a time."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

LONGEST_WAIT = 60  # seconds for another process that renews the tokens


@dataclass(frozen=True)
class Tokens:
    """A token pair of `auth/login`; a short token from a server has no refresh token."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    user_id: int | None = None


class Slot(Protocol):
    """`tokens` can be read and set; what was set is stored at the end of the context."""

    tokens: Tokens | None


class TokenStore(Protocol):
    def read(self) -> Tokens | None: ...

    def changing(self) -> AbstractContextManager[Slot]:
        """Within it nobody else reads the tokens in order to renew them, or writes any."""


class MemoryTokens:
    def __init__(self, tokens: Tokens | None = None) -> None:
        self.tokens = tokens
        self._lock = threading.Lock()

    def read(self) -> Tokens | None:
        return self.tokens

    @contextmanager
    def changing(self) -> Iterator[Slot]:
        with self._lock:
            yield self


class FileTokens:
    """In an SQLite file that only its owner can read. Processes that share it take turns in renewing the tokens."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.tokens: Tokens | None = None

    def read(self) -> Tokens | None:
        with closing(self._connect()) as database:
            return self._stored(database)

    @contextmanager
    def changing(self) -> Iterator[Slot]:
        with closing(self._connect()) as database:
            # Until the end, so that a refresh token is never sent by two processes.
            database.execute("BEGIN IMMEDIATE")
            slot = MemoryTokens(self._stored(database))
            yield slot
            self._store(database, slot.tokens)
            database.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        create_private(self.path)
        database = sqlite3.connect(self.path, timeout=LONGEST_WAIT, isolation_level=None)
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE IF NOT EXISTS tokens (access TEXT NOT NULL, refresh TEXT, user_id INTEGER)")
        return database

    def _stored(self, database: sqlite3.Connection) -> Tokens | None:
        row = database.execute("SELECT access, refresh, user_id FROM tokens").fetchone()
        return Tokens(*row) if row else None

    def _store(self, database: sqlite3.Connection, tokens: Tokens | None) -> None:
        database.execute("DELETE FROM tokens")
        if tokens:
            row = (tokens.access_token, tokens.refresh_token, tokens.user_id)
            database.execute("INSERT INTO tokens VALUES (?, ?, ?)", row)


def create_private(path: Path) -> None:
    """An empty file that only its owner can read and write, unless there is one."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
