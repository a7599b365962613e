"""What a dry run would have written, in a temporary SQLite file: memory stays bounded, and the database untouched."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

TABLES = """
    CREATE TABLE imported (key BLOB PRIMARY KEY, content BLOB) WITHOUT ROWID;
    CREATE TABLE claim (what TEXT, value TEXT, PRIMARY KEY (what, value)) WITHOUT ROWID;
    CREATE TABLE balance (external_id TEXT PRIMARY KEY, xp INTEGER) WITHOUT ROWID;
"""
Claim = tuple[str, str]


class Scratch:
    """Deleted by SQLite itself when it is closed, or when the process ends."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.executescript(TABLES)
        # Nothing here has to survive a crash.
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("BEGIN")

    def close(self) -> None:
        self._file.close()

    def imported(self, keys: Iterable[UUID]) -> dict[UUID, UUID]:
        rows = self._find("SELECT key, content FROM imported WHERE key IN", [key.bytes for key in keys])
        return {UUID(bytes=key): UUID(bytes=content) for key, content in rows}

    def taken(self, claims: Iterable[Claim]) -> set[Claim]:
        found = self._find("SELECT what, value FROM claim WHERE value IN", [value for _, value in claims])
        return {(what, value) for what, value in found}

    def balances(self, external_ids: Iterable[str]) -> dict[str, int]:
        return dict(self._find("SELECT external_id, xp FROM balance WHERE external_id IN", list(external_ids)))

    def remember(self, rows: Mapping[UUID, UUID], claims: Iterable[Claim], balances: Mapping[str, int]) -> None:
        packed = [(key.bytes, content.bytes) for key, content in rows.items()]
        self._file.executemany("INSERT OR IGNORE INTO imported VALUES (?, ?)", packed)
        self._file.executemany("INSERT OR IGNORE INTO claim VALUES (?, ?)", list(claims))
        self._file.executemany("INSERT OR REPLACE INTO balance VALUES (?, ?)", list(balances.items()))

    def _find(self, statement: str, values: list[bytes] | list[str]) -> list[tuple[Any, ...]]:
        return self._file.execute(f"{statement} ({', '.join('?' * len(values))})", values).fetchall()
