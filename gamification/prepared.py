"""Querysets whose SQL is written once: Django takes longer to write some statements than PostgreSQL to run them."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import ModelIterable

# What stands for the n-th value while the statement is written; nothing that a statement would say by itself.
MARKS = {
    int: lambda n: 2_000_000_000 + n,
    str: lambda n: f"\ue000{n}\ue001",
    UUID: lambda n: UUID(int=(0xFEED << 64) + n),
    datetime: lambda n: datetime(2999, 1, 1, tzinfo=UTC) + timedelta(days=n),
}


class Prepared:
    """`prepared(*values)` is `list(build(*values))`, faster from the second time on.

    `build` makes a queryset of model rows out of int, str, UUID and datetime values; it must use every one of them in
    the statement, unchanged, and decide nothing by them.
    """

    def __init__(self, build: Callable[..., QuerySet]):
        self.build = build
        self.written: dict[tuple[type, ...], tuple] = {}

    def __call__(self, *values) -> list:
        if connection.vendor != "postgresql":
            return list(self.build(*values))
        kinds = tuple(map(type, values))
        if kinds not in self.written:
            self.written[kinds] = self._write(kinds)
        compiler, sql, params, places = self.written[kinds]
        filled = list(params)
        for position, number in places:
            filled[position] = values[number]
        return list(_rows(compiler, sql, filled))

    def _write(self, kinds: tuple[type, ...]) -> tuple:
        marks = [MARKS[kind](number) for number, kind in enumerate(kinds)]
        compiler = self.build(*marks).query.get_compiler(connection.alias)
        sql, params = compiler.as_sql()
        places = [(position, marks.index(param)) for position, param in enumerate(params) if param in marks]
        if {number for _, number in places} != set(range(len(marks))):
            raise ValueError("Every value must stand in the statement as it is.")
        return compiler, sql, params, places


def _rows(compiler, sql, params) -> ModelIterable:
    """Django's own way from rows to instances, joins and annotations included, but for the writing of the SQL."""
    ready = copy.copy(compiler)
    ready.connection, ready.as_sql = connection, lambda: (sql, params)
    query = SimpleNamespace(get_compiler=lambda using: ready)  # noqa: ARG005 - Django's name for it
    return ModelIterable(SimpleNamespace(db=connection.alias, query=query, _known_related_objects={}))
