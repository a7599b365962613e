"""Statements that a deed writes, whose text is made once: Django's own road to them takes longer than PostgreSQL's.

Names in them come from our models and code; only values come from people.
"""

from collections.abc import Iterable
from functools import lru_cache

from django.db import connection, models

MANY = 10  # rows, from which on arrays pay


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
    return [value for (value,) in _insert(rows, f"ON CONFLICT {conflict} DO NOTHING", returning)]


def insert_new(rows: list[models.Model], *, conflict: str, key: str) -> None:
    """Insert those of `rows` that are not there yet: they have a primary key then, the others none.

    The field `key` tells them apart. Each is waited for as in `insert_if_absent`: sort them, or two may wait for each
    other.
    """
    to_python, by_key = rows[0]._meta.get_field(key).to_python, {getattr(row, key): row for row in rows}
    for pk, value in _insert(rows, f"ON CONFLICT {conflict} DO NOTHING", f"id, {key}"):
        _now_stored(by_key[to_python(value)], pk)


def insert_rows(rows: list[models.Model]) -> None:
    """Insert `rows` (of one model) and set their primary keys."""
    for row, (pk,) in zip(rows, _insert(rows, "", rows[0]._meta.pk.column), strict=True):
        _now_stored(row, pk)


def update_row(row: models.Model, names: Iterable[str]) -> None:
    """Write the fields `names` of a stored row; raise its DoesNotExist where it is gone."""
    fields, statement = _update_statement(type(row), tuple(names))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_values(row, fields, add=False), row.pk])
        if not cursor.rowcount:
            raise row.DoesNotExist


def update_rows(rows: list[models.Model], names: Iterable[str]) -> None:
    """The same for many stored rows of one model, in one statement."""
    fields, statement = _update_many_statement(type(rows[0]), tuple(names))
    _execute(statement, fields, rows, add=False, as_arrays=connection.vendor == "postgresql")


def _insert(rows: list[models.Model], on_conflict: str, returning: str) -> list[tuple]:
    fields, statement = _insert_statement(type(rows[0]), on_conflict, returning)
    many = len(rows) >= MANY and connection.vendor == "postgresql"
    return _execute(statement, fields, rows, add=True, as_arrays=many)


def _execute(statement: str, fields: tuple[models.Field], rows: list[models.Model], *, add: bool, as_arrays: bool):
    """What the statement returns, with `rows` as the table for which it has a place.

    PostgreSQL reads ten thousand values much faster as twenty arrays, and then plans the statement only once.
    """
    table = [_values(row, fields, add=add) for row in rows]
    if as_arrays:
        place, values = _arrays(fields), [list(column) for column in zip(*table, strict=True)]
    else:
        place, values = _list_of_values(len(fields), len(rows)), [value for row in table for value in row]
    with connection.cursor() as cursor:
        cursor.execute(statement.format(place), values)
        return cursor.fetchall() if "RETURNING" in statement else []


@lru_cache(256)
def _list_of_values(columns: int, rows: int) -> str:
    row = f"({', '.join(['%s'] * columns)})"
    return f"VALUES {', '.join([row] * rows)}"


@lru_cache(256)
def _arrays(fields: tuple[models.Field]) -> str:
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
    return fields, f"UPDATE {table} SET {changes} FROM ({{}}) AS told WHERE {table}.{pk} = told.column1"  # noqa: S608


@lru_cache(256)
def _update_statement(model: type[models.Model], names: tuple[str, ...]) -> tuple[list, str]:
    fields = [model._meta.get_field(name) for name in names]
    changes = ", ".join(f"{column} = %s" for column in _columns(fields))
    pk = _quoted(model._meta.pk.column)
    return fields, f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {pk} = %s"  # noqa: S608


def _columns(fields: list[models.Field]) -> list[str]:
    return [_quoted(field.column) for field in fields]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _values(row: models.Model, fields: list[models.Field], *, add: bool) -> list:
    """As the driver takes them: PostgreSQL's takes everything but JSON as Python has it."""
    as_it_is = connection.vendor == "postgresql"
    return [
        value if as_it_is and not isinstance(field, models.JSONField) else field.get_db_prep_save(value, connection)
        for field, value in ((field, field.pre_save(row, add=add)) for field in fields)
    ]


def _now_stored(row: models.Model, pk: int) -> None:
    row.pk, row._state.adding = pk, False
