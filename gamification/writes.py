"""Statements that a deed writes, whose text is made once: Django's own road to them takes longer than PostgreSQL's.

Names in them come from our models and code; only values come from people.
"""

from collections.abc import Iterable
from functools import lru_cache

from django.db import connection, models


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
    return _insert(rows, f"ON CONFLICT {conflict} DO NOTHING", returning)


def insert_rows(rows: list[models.Model]) -> None:
    """Insert `rows` (of one model) and set their primary keys."""
    for row, pk in zip(rows, _insert(rows, "", rows[0]._meta.pk.column), strict=True):
        _now_stored(row, pk)


def update_row(row: models.Model, names: Iterable[str]) -> None:
    """Write the fields `names` of a stored row; raise its DoesNotExist where it is gone."""
    fields, statement = _update_statement(type(row), tuple(names))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_values(row, fields, add=False), row.pk])
        if not cursor.rowcount:
            raise row.DoesNotExist


def _insert(rows: list[models.Model], on_conflict: str, returning: str) -> list:
    fields, statement = _insert_statement(type(rows[0]), len(rows), on_conflict, returning)
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for row in rows for value in _values(row, fields, add=True)])
        return [value for (value,) in cursor.fetchall()]


@lru_cache(256)
def _insert_statement(model: type[models.Model], count: int, on_conflict: str, returning: str) -> tuple[list, str]:
    fields = [field for field in model._meta.concrete_fields if field is not model._meta.auto_field]
    places = f"({', '.join(['%s'] * len(fields))})"
    return fields, (
        f"INSERT INTO {_quoted(model._meta.db_table)} ({', '.join(_columns(fields))}) "  # noqa: S608
        f"VALUES {', '.join([places] * count)} {on_conflict} RETURNING {returning}"
    )


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
    return [field.get_db_prep_save(field.pre_save(row, add=add), connection) for field in fields]


def _now_stored(row: models.Model, pk: int) -> None:
    row.pk, row._state.adding = pk, False
