"""Statements that a deed writes, whose text is made once: Django's own road to them takes longer than PostgreSQL's.

What depends on an answer is inserted at once (`insert_if_absent` and its kin); what a deed has worked out is gathered
(`inserting`, `updating`) and sent together. Names in the text come from our models and code; only values come from
people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection, models

MANY = 10  # rows, from which on arrays pay


@dataclass(frozen=True)
class Write:
    """A statement that is still to be sent. It returns the key of each of `rows`; new ones take it for theirs."""

    sql: str
    values: list
    rows: list[models.Model]

    def note(self, keys: list[int]) -> None:
        if len(keys) != len(self.rows):
            raise self.rows[0].DoesNotExist
        for row, key in zip(self.rows, keys, strict=True):
            if row._state.adding:
                _now_stored(row, key)


def send(writes: list[Write]) -> None:
    """Write in this order. PostgreSQL is sent one statement, in which no row may stand twice.

    Raise DoesNotExist of the model where a row that should change is gone.
    """
    if connection.vendor == "postgresql" and len(writes) > 1:
        _send_together(writes)
    else:
        for write in writes:
            write.note([key for (key,) in _run(write.sql, write.values)])


def inserting(rows: list[models.Model], *, conflict: str = "", changes: Iterable[str] = ()) -> list[Write]:
    """Insert `rows` (of one model); one that has the same `conflict` key is left there, with `changes` overwritten."""
    if not rows:
        return []
    on_conflict = f"ON CONFLICT {conflict} DO UPDATE SET {_excluded(tuple(changes))}" if conflict else ""
    fields, sql = _insert_statement(type(rows[0]), on_conflict, _key(rows[0]))
    return [Write(*_filled(sql, fields, some, add=True), some) for some in _digestible(rows, fields)]


def updating(rows: list[models.Model], names: Iterable[str]) -> list[Write]:
    """Change the fields `names` of stored `rows` (of one model)."""
    if not rows:
        return []
    if len(rows) == 1:
        fields, sql = _update_statement(type(rows[0]), tuple(names))
        return [Write(sql, [*_values(rows[0], fields, add=False), rows[0].pk], rows)]
    fields, sql = _update_many_statement(type(rows[0]), tuple(names))
    return [Write(*_filled(sql, fields, some, add=False, typed=True), some) for some in _digestible(rows, fields)]


def insert_rows(rows: list[models.Model]) -> None:
    send(inserting(rows))


def update_rows(rows: list[models.Model], names: Iterable[str]) -> None:
    send(updating(rows, names))


def insert_if_absent(row: models.Model, *, conflict: str) -> bool:
    """Insert `row` and set its primary key; False when a row with the same `conflict` key was there first.

    `conflict` is the target as in SQL: the columns of a unique constraint and, for a partial one, its WHERE.
    Another transaction that is about to insert the same key is waited for.
    """
    inserted = insert_absent([row], conflict=conflict, returning="id")
    for pk in inserted:
        _now_stored(row, pk)
    return bool(inserted)


def insert_absent(rows: list[models.Model], *, conflict: str, returning: str) -> list:
    """Insert those of `rows` (of one model) that are not there yet; the column `returning` of each that went in.

    Django's `bulk_create(ignore_conflicts=True)` swallows every other violation too, and does not say what went in.
    """
    return [value for (value,) in _insert_absent(rows, conflict, returning)]


def insert_new(rows: list[models.Model], *, conflict: str, key: str) -> None:
    """Insert those of `rows` that are not there yet: they have a primary key then, the others none.

    The field `key` tells them apart. Each is waited for as in `insert_if_absent`: sort them, or two may wait for each
    other.
    """
    to_python, by_key = rows[0]._meta.get_field(key).to_python, {getattr(row, key): row for row in rows}
    for pk, value in _insert_absent(rows, conflict, f"id, {key}"):
        _now_stored(by_key[to_python(value)], pk)


def _insert_absent(rows: list[models.Model], conflict: str, returning: str) -> list[tuple]:
    fields, sql = _insert_statement(type(rows[0]), f"ON CONFLICT {conflict} DO NOTHING", returning)
    return _run(*_filled(sql, fields, rows, add=True))


def _send_together(writes: list[Write]) -> None:
    keys = [[] for _ in writes]
    sql = _together(tuple(write.sql for write in writes))
    for number, key in _run(sql, [value for write in writes for value in write.values]):
        keys[number].append(key)
    for write, own in zip(writes, keys, strict=True):
        write.note(own)


@lru_cache(256)
def _together(statements: tuple[str, ...]) -> str:
    """Each is run when its keys are read, and so in order.

    PostgreSQL does not promise that for ever. The ledger's trigger would refuse lines that came in another one.
    """
    parts = ", ".join(f"write{number} (key) AS ({sql})" for number, sql in enumerate(statements))
    keys = " UNION ALL ".join(f"SELECT {number}, key FROM write{number}" for number, _ in enumerate(statements))  # noqa: S608
    return f"WITH {parts} {keys}"


def _run(sql: str, values: list) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _digestible(rows: list[models.Model], fields: tuple[models.Field, ...]) -> list[list[models.Model]]:
    """In parts, where the database (SQLite) takes only so many values at once."""
    size = len(rows) if connection.vendor == "postgresql" else connection.ops.bulk_batch_size(fields, rows)
    return [rows[first : first + size] for first in range(0, len(rows), size)]


def _filled(
    sql: str, fields: tuple[models.Field, ...], rows: list[models.Model], *, add: bool, typed: bool = False
) -> tuple[str, list]:
    """The statement with `rows` as the table for which it has a place, and the values; `typed` as their fields are.

    PostgreSQL reads ten thousand values much faster as twenty arrays, and then plans the statement only once.
    """
    table = [_values(row, fields, add=add) for row in rows]
    if connection.vendor == "postgresql" and (typed or len(rows) >= MANY):
        return sql.format(_arrays(fields)), [list(column) for column in zip(*table, strict=True)]
    return sql.format(_list_of_values(len(fields), len(rows))), [value for row in table for value in row]


@lru_cache(256)
def _list_of_values(columns: int, rows: int) -> str:
    row = f"({', '.join(['%s'] * columns)})"
    return f"VALUES {', '.join([row] * rows)}"


@lru_cache(256)
def _arrays(fields: tuple[models.Field, ...]) -> str:
    columns = ", ".join(f"column{number}" for number, _ in enumerate(fields, start=1))
    arrays = ", ".join(f"%s::{field.cast_db_type(connection)}[]" for field in fields)
    return f"SELECT * FROM unnest({arrays}) AS told ({columns})"  # noqa: S608


@lru_cache(256)
def _insert_statement(model: type[models.Model], on_conflict: str, returning: str) -> tuple[tuple, str]:
    fields = tuple(field for field in model._meta.concrete_fields if field is not model._meta.auto_field)
    into = f"{_quoted(model._meta.db_table)} ({', '.join(_columns(fields))})"
    return fields, f"INSERT INTO {into} {{}} {on_conflict} RETURNING {returning}"


@lru_cache(256)
def _update_many_statement(model: type[models.Model], names: tuple[str, ...]) -> tuple[tuple, str]:
    """Both databases call the columns of a VALUES list column1, column2…"""
    fields = (model._meta.pk, *map(model._meta.get_field, names))
    table, pk, *columns = _quoted(model._meta.db_table), *_columns(fields)
    changes = ", ".join(f"{column} = told.column{number}" for number, column in enumerate(columns, start=2))
    row = f"{table}.{pk}"
    return fields, f"UPDATE {table} SET {changes} FROM ({{}}) AS told WHERE {row} = told.column1 RETURNING {row}"  # noqa: S608


@lru_cache(256)
def _update_statement(model: type[models.Model], names: tuple[str, ...]) -> tuple[tuple, str]:
    fields = tuple(model._meta.get_field(name) for name in names)
    changes = ", ".join(f"{column} = %s" for column in _columns(fields))
    pk = _quoted(model._meta.pk.column)
    return fields, f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {pk} = %s RETURNING {pk}"  # noqa: S608


@lru_cache(256)
def _excluded(columns: tuple[str, ...]) -> str:
    return ", ".join(f"{column} = EXCLUDED.{column}" for column in columns)


def _key(row: models.Model) -> str:
    return _quoted(row._meta.pk.column)


def _columns(fields: tuple[models.Field, ...]) -> list[str]:
    return [_quoted(field.column) for field in fields]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _values(row: models.Model, fields: tuple[models.Field, ...], *, add: bool) -> list:
    """As the driver takes them: PostgreSQL's takes everything but JSON as Python has it."""
    as_it_is = connection.vendor == "postgresql"
    return [
        value if as_it_is and not isinstance(field, models.JSONField) else field.get_db_prep_save(value, connection)
        for field, value in ((field, field.pre_save(row, add=add)) for field in fields)
    ]


def _now_stored(row: models.Model, pk: int) -> None:
    row.pk, row._state.adding = pk, False
