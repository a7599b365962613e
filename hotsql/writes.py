"""INSERT and UPDATE statements whose text is built once for each model.

Building such a statement through Django's ORM takes longer than PostgreSQL needs to run it. Names in the text come from
our own models and code; everything else is passed as a parameter. Rows of one call belong to one model.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import Any, TypeGuard
from uuid import UUID

from django.db import connection, models

Fields = tuple["models.Field[Any, Any]", ...]

# A JSON null is no value: Django stores None as SQL's NULL.
JSON_ARRAY = "ARRAY(SELECT NULLIF(value, 'null') FROM jsonb_array_elements(%s::jsonb))"
# How values that need no quotes are written as elements of an array.
ELEMENTS: dict[type, Callable[[Any], str]] = {
    int: str,
    bool: str,
    UUID: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
}
ROWS_FOR_ARRAYS = 10  # from this many rows on PostgreSQL reads one array a column faster than a list of values


def insert_rows(rows: Sequence[models.Model], *, conflict: str = "", changes: Iterable[str] = ()) -> None:
    """Insert `rows` and set their primary keys.

    `conflict` is a conflict target as in SQL: where a row with the same key exists, its columns `changes` are
    overwritten instead. No key may occur twice in `rows`.
    """
    if not rows:
        return
    on_conflict = f"ON CONFLICT {conflict} DO UPDATE SET {_excluded(tuple(changes))}" if conflict else ""
    fields, sql = _insert_statement(type(rows[0]), on_conflict, _primary_key(type(rows[0])))
    for part in _parts(rows, fields):
        keys = _run(*_filled(sql, fields, part, add=True))
        for row, (key,) in zip(part, keys, strict=True):
            _mark_stored(row, key)


def update_rows(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Write the fields `names` of stored `rows`. Raise DoesNotExist of the model where a row no longer exists."""
    if len(rows) == 1:
        fields, sql = _update_statement(type(rows[0]), tuple(names))
        _check_all_updated(rows, _run(sql, [*_values(rows[0], fields, add=False), rows[0].pk]))
    elif rows:
        fields, sql = _update_many_statement(type(rows[0]), tuple(names))
        for part in _parts(rows, fields):
            _check_all_updated(part, _run(*_filled(sql, fields, part, add=False, typed=True)))


def insert_if_absent(row: models.Model, *, conflict: str) -> bool:
    """Insert `row` and set its primary key; return False when a row with the same `conflict` key exists.

    `conflict` is a conflict target as in SQL: the columns of a unique constraint and, for a partial one, its WHERE.
    Waits for another transaction that is inserting the same key.
    """
    inserted = insert_absent([row], conflict=conflict, returning="id")
    for pk in inserted:
        _mark_stored(row, pk)
    return bool(inserted)


def insert_absent(rows: Sequence[models.Model], *, conflict: str, returning: str) -> list[Any]:
    """Insert those of `rows` that do not exist yet; return the column `returning` of each inserted row.

    Django's `bulk_create(ignore_conflicts=True)` hides every other violation too, and does not report what it inserted.
    """
    return [value for (value,) in _insert_absent(rows, conflict, returning)]


def insert_new(rows: Sequence[models.Model], *, conflict: str, key: tuple[str, ...]) -> None:
    """Insert those of `rows` that do not exist yet: afterwards these have a primary key, the others have none.

    The fields `key` identify a row. Sort `rows` by them: each may wait as in `insert_if_absent`, and two transactions
    that insert the same keys in different orders would wait for each other.
    """
    fields = _fields(type(rows[0]), key)
    by_key = {tuple(getattr(row, field.attname) for field in fields): row for row in rows}
    for pk, *values in _insert_absent(rows, conflict, f"id, {', '.join(_columns(fields))}"):
        _mark_stored(by_key[tuple(field.to_python(value) for field, value in zip(fields, values, strict=True))], pk)


def _insert_absent(rows: Sequence[models.Model], conflict: str, returning: str) -> list[tuple[Any, ...]]:
    fields, sql = _insert_statement(type(rows[0]), f"ON CONFLICT {conflict} DO NOTHING", returning)
    return _run(*_filled(sql, fields, rows, add=True))


def _check_all_updated(rows: Sequence[models.Model], updated: list[tuple[Any, ...]]) -> None:
    if len(updated) != len(rows):
        model: Any = type(rows[0])
        raise model.DoesNotExist


def _run(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _parts(rows: Sequence[models.Model], fields: Fields) -> list[Sequence[models.Model]]:
    """Split `rows` where the database (SQLite) limits the number of parameters of one statement."""
    size = len(rows) if connection.vendor == "postgresql" else connection.ops.bulk_batch_size(fields, rows)
    return [rows[first : first + size] for first in range(0, len(rows), size)]


def _filled(
    sql: str, fields: Fields, rows: Sequence[models.Model], *, add: bool, typed: bool = False
) -> tuple[str, list[Any]]:
    """`sql` with a table of `rows` in its place, and the parameters; `typed`: columns carry the types of their fields.

    PostgreSQL reads ten thousand values much faster as twenty arrays, and then plans the statement only once.
    """
    if connection.vendor == "postgresql" and (typed or len(rows) >= ROWS_FOR_ARRAYS):
        return sql.format(_arrays(fields)), [_array(rows, *described, add=add) for described in _described(fields)]
    values = [value for row in rows for value in _values(row, fields, add=add)]
    return sql.format(_list_of_values(len(fields), len(rows))), values


@lru_cache(256)
def _list_of_values(columns: int, rows: int) -> str:
    row = f"({', '.join(['%s'] * columns)})"
    return f"VALUES {', '.join([row] * rows)}"


@lru_cache(256)
def _arrays(fields: Fields) -> str:
    columns = ", ".join(f"column{number}" for number, _ in enumerate(fields, start=1))
    arrays = ", ".join(JSON_ARRAY if _is_json(field) else f"%s::{field.cast_db_type(connection)}[]" for field in fields)
    return f"SELECT * FROM unnest({arrays}) AS given ({columns})"  # noqa: S608


def _array(
    rows: Sequence[models.Model], field: "models.Field[Any, Any]", attname: str, is_plain: bool, *, add: bool
) -> Any:
    """A column of `rows` as an array in PostgreSQL's words, which the driver would write value by value, and slowly.

    JSON is one array of all values: an array of texts would escape each quotation mark.
    """
    if _is_json(field):
        return json.dumps([getattr(row, attname) for row in rows], cls=field.encoder)
    column = _column_of(rows, field, attname, is_plain, add=add)
    types = set(map(type, column))
    write = _writer(types - {NoneType})
    if write is None:
        return column
    if NoneType in types:
        return f"{{{','.join('NULL' if value is None else write(value) for value in column)}}}"
    return f"{{{','.join(map(write, column))}}}"


def _column_of(
    rows: Sequence[models.Model], field: "models.Field[Any, Any]", attname: str, is_plain: bool, *, add: bool
) -> list[Any]:
    if is_plain:
        return list(map(attrgetter(attname), rows))
    return [field.get_db_prep_save(field.pre_save(row, add=add), connection) for row in rows]


def _writer(types: set[type]) -> Callable[[Any], str] | None:
    """Writes values of these types as elements of an array; None where the driver has to."""
    if all(issubclass(each, str) for each in types):
        return _quoted_element
    return ELEMENTS.get(types.pop()) if len(types) == 1 else None


def _quoted_element(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_json(field: "models.Field[Any, Any]") -> TypeGuard["models.JSONField[Any, Any]"]:
    return isinstance(field, models.JSONField)


@lru_cache(256)
def _insert_statement(model: type[models.Model], on_conflict: str, returning: str) -> tuple[Fields, str]:
    fields = tuple(field for field in model._meta.concrete_fields if field is not model._meta.auto_field)
    into = f"{_quoted(model._meta.db_table)} ({', '.join(_columns(fields))})"
    return fields, f"INSERT INTO {into} {{}} {on_conflict} RETURNING {returning}"


@lru_cache(256)
def _update_many_statement(model: type[models.Model], names: tuple[str, ...]) -> tuple[Fields, str]:
    """Both databases call the columns of a VALUES list column1, column2…"""
    fields = (model._meta.pk, *_fields(model, names))
    table, pk, *columns = _quoted(model._meta.db_table), *_columns(fields)
    changes = ", ".join(f"{column} = given.column{number}" for number, column in enumerate(columns, start=2))
    row = f"{table}.{pk}"
    return fields, f"UPDATE {table} SET {changes} FROM ({{}}) AS given WHERE {row} = given.column1 RETURNING {row}"  # noqa: S608


@lru_cache(256)
def _update_statement(model: type[models.Model], names: tuple[str, ...]) -> tuple[Fields, str]:
    fields = _fields(model, names)
    changes = ", ".join(f"{column} = %s" for column in _columns(fields))
    pk = _primary_key(model)
    return fields, f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {pk} = %s RETURNING {pk}"  # noqa: S608


@lru_cache(256)
def _excluded(columns: tuple[str, ...]) -> str:
    return ", ".join(f"{column} = EXCLUDED.{column}" for column in columns)


def _fields(model: type[models.Model], names: tuple[str, ...]) -> Fields:
    by_name = {field.name: field for field in model._meta.concrete_fields}
    return tuple(by_name[name] for name in names)


def _primary_key(model: type[models.Model]) -> str:
    return _columns((model._meta.pk,))[0]


def _columns(fields: Fields) -> list[str]:
    return [_quoted(str(field.column)) for field in fields]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _values(row: models.Model, fields: Fields, *, add: bool) -> list[Any]:
    """Parameters for the driver: psycopg adapts everything but JSON itself."""
    if connection.vendor != "postgresql":
        return [field.get_db_prep_save(field.pre_save(row, add=add), connection) for field in fields]
    return [
        getattr(row, attname) if is_plain else field.get_db_prep_save(field.pre_save(row, add=add), connection)
        for field, attname, is_plain in _described(fields)
    ]


def _sets_itself(field: "models.Field[Any, Any]") -> bool:
    return getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)


@lru_cache(256)
def _described(fields: Fields) -> list[tuple["models.Field[Any, Any]", str, bool]]:
    """Each with the name of its attribute, and whether the driver takes its value as it is."""
    return [(field, field.attname, not (_is_json(field) or _sets_itself(field))) for field in fields]


def _mark_stored(row: models.Model, pk: int) -> None:
    row.pk, row._state.adding = pk, False
