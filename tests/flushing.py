"""How the database is emptied after a test that commits, in a tenth of the time of Django's `flush`.

`flush` empties every table, full or not, and then fills some as `migrate` does: content types, permissions, groups, the
first versions of rules and limits. Here these rows stay if the test has left them as they were.
"""

from functools import cache
from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase

from gamification.ledger.triggers import maintenance_mode

Rows = dict[str, list[tuple[Any, ...]]]  # by table

flush_everything = TransactionTestCase._fixture_teardown
made_by_migrate: Rows = {}  # after the first flush of this process


def flush(test_case: TransactionTestCase) -> None:
    """What `TransactionTestCase._fixture_teardown` does."""
    if not (made_by_migrate and empty_other_tables()):
        flush_everything(test_case)
        with connection.cursor() as cursor:
            made_by_migrate.clear()
            made_by_migrate.update({table: rows_of(cursor, table) for table in filled_tables(cursor)})


def empty_other_tables() -> bool:
    """Whether that was enough, since the rows that `migrate` makes are as they were."""
    with transaction.atomic(), connection.cursor() as cursor:
        wait_for_others(cursor)
        if any(rows_of(cursor, table) != rows for table, rows in made_by_migrate.items()):
            return False
        with maintenance_mode(connection):
            for table in filled_tables(cursor):
                if table not in made_by_migrate:
                    cursor.execute(f"DELETE FROM {quoted(table)}")
    return True


def wait_for_others(cursor: Any) -> None:
    """As TRUNCATE does: requests and threads of the test may still be writing. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        cursor.execute(f"LOCK TABLE {', '.join(map(quoted, tables()))} IN ACCESS EXCLUSIVE MODE")


def filled_tables(cursor: Any) -> list[str]:
    found = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quoted(table)})" for table in tables())
    cursor.execute(" UNION ALL ".join(found))
    return [table for (table,) in cursor.fetchall()]


def rows_of(cursor: Any, table: str) -> list[tuple[Any, ...]]:
    cursor.execute(f"SELECT * FROM {quoted(table)} ORDER BY 1")
    return cursor.fetchall()


@cache
def tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True, include_views=False)


def quoted(table: str) -> str:
    return connection.ops.quote_name(table)
