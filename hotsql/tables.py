"""Tables of given values, which statements ask about row by row: one statement, however many rows.

Names in the text come from our own models and code; the values are parameters.
"""

import json
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import RawSQL

from .querysets import PLACEHOLDERS, Value

Given = tuple[Value, ...]
TYPES = {int: "bigint", str: "text", UUID: "uuid"}


def ask_each(given: Collection[Given], *questions: Callable[..., models.QuerySet[Any]]) -> dict[Given, tuple[Any, ...]]:
    """Of each tuple of `given` (all of int and str, of the same types): the value of each question.

    A question makes a queryset of at most one row of one value from the values of a tuple, which must be parameters of
    its statement, unchanged. Truth values are 0 and 1 on SQLite.
    """
    if not given:
        return {}
    table, params = _table(given)
    width = len(next(iter(given)))
    parts = [_correlated(question, tuple(map(type, next(iter(given))))) for question in questions]
    columns = [*(f"given.column{number + 1}" for number in range(width)), *(sql for sql, _ in parts)]
    sql = f"SELECT {', '.join(columns)} FROM ({table}) AS given"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(param for _, own in parts for param in own), *params])
        return {tuple(row[:width]): tuple(row[width:]) for row in cursor.fetchall()}


def is_among(model: type[models.Model], names: Collection[str], given: Collection[Given]) -> RawSQL:
    """The condition that the values of these fields are one of the tuples of `given`, which is not empty.

    PostgreSQL plans a long list of pairs badly, and looks a table of them up in the index.
    """
    quote = connection.ops.quote_name
    columns = (f"{quote(model._meta.db_table)}.{quote(_column(model, name))}" for name in names)
    table, params = _table(given)
    return RawSQL(f"({', '.join(columns)}) IN ({table})", params, models.BooleanField())  # noqa: S611


def _column(model: type[models.Model], name: str) -> str:
    return str(model._meta.get_field(name).column)  # type: ignore[union-attr]


def _table(given: Collection[Given]) -> tuple[str, list[Any]]:
    """A statement that returns `given`, with columns named as those of a VALUES list."""
    types = [type(value) for value in next(iter(given))]
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{TYPES[each]}[]" for each in types)
        names = ", ".join(f"column{number}" for number, _ in enumerate(types, start=1))
        return f"SELECT * FROM unnest({arrays}) AS t ({names})", [list(column) for column in zip(*given, strict=True)]  # noqa: S608
    columns = (f"json_extract(value, '$[{number}]') AS column{number + 1}" for number, _ in enumerate(types))
    rows = [[value.hex if isinstance(value, UUID) else value for value in row] for row in given]
    return f"SELECT {', '.join(columns)} FROM json_each(%s)", [json.dumps(rows)]  # noqa: S608


def _correlated(question: Callable[..., models.QuerySet[Any]], types: tuple[type, ...]) -> tuple[str, list[Any]]:
    """The question as a subquery about the columns of `given`, with its other parameters."""
    placeholders = [PLACEHOLDERS[each](number) for number, each in enumerate(types)]
    sql, params = question(*placeholders).query.sql_with_params()
    pieces, kept = sql.split("%s"), []
    text = pieces[0]
    for param, piece in zip(params, pieces[1:], strict=True):
        is_given = param in placeholders
        kept += [] if is_given else [param]
        text += (f"given.column{placeholders.index(param) + 1}" if is_given else "%s") + piece
    return f"({text})", kept
