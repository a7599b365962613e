"""Rows that take long to make are made once in each test process; later tests get copies of them."""

from collections.abc import Callable, Hashable
from typing import Any

from django.core.cache import caches
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from gamification.ledger.triggers import maintenance_mode
from gamification.metrics.reading import forget_words
from tests.flushing import Rows, filled_tables, quoted, rows_of

AT_ONCE = 500  # rows in a statement

kept: dict[Hashable, Rows] = {}


def make_once(name: Hashable, make: Callable[[], object]) -> None:
    """Do what `make()` does, which must only add rows, and the same ones whenever it is called on one day."""
    key = (name, timezone.now().date())
    if key in kept and insert(kept[key]):
        forget_what_was_read()
        return
    before = all_rows()
    make()
    after = all_rows()
    if all(set(rows) <= set(after.get(table, [])) for table, rows in before.items()):
        kept[key] = {table: added_to(before.get(table, []), rows) for table, rows in after.items()}


def all_rows() -> Rows:
    with connection.cursor() as cursor:
        return {table: rows_of(cursor, table) for table in filled_tables(cursor)}


def added_to(before: list[Any], after: list[Any]) -> list[Any]:
    known = set(before)
    return [row for row in after if row not in known]


def insert(rows_by_table: Rows) -> bool:
    """Whether it was possible: rows of the test may have the same ids."""
    try:
        with transaction.atomic(), maintenance_mode(connection), connection.cursor() as cursor:
            for table, rows in rows_by_table.items():
                for start in range(0, len(rows), AT_ONCE):
                    insert_into(cursor, table, rows[start : start + AT_ONCE])
    except IntegrityError:
        return False
    return True


def insert_into(cursor: Any, table: str, rows: list[Any]) -> None:
    places = f"({', '.join(['%s'] * len(rows[0]))})"
    values = [value for row in rows for value in row]
    cursor.execute(f"INSERT INTO {quoted(table)} VALUES {', '.join([places] * len(rows))}", values)


def forget_what_was_read() -> None:
    for cache in caches.all():
        cache.clear()
    forget_words()
