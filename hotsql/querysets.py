"""Querysets whose SQL is written once: Django takes longer to write some statements than PostgreSQL to run them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

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
        self.statements: dict[tuple[type, ...], Statement] = {}

    def __call__(self, *values) -> list:
        if connection.vendor != "postgresql":
            return list(self.build(*values))
        kinds = tuple(map(type, values))
        if kinds not in self.statements:
            self.statements[kinds] = Statement(self.build, kinds)
        return list(self.statements[kinds].rows(values))


class Statement:
    """The SQL of a queryset with places for values of these kinds, and what makes model instances of its rows."""

    def __init__(self, build: Callable[..., QuerySet], kinds: tuple[type, ...]):
        marks = [MARKS[kind](number) for number, kind in enumerate(kinds)]
        self.compiler = build(*marks).query.get_compiler(connection.alias)
        self.sql, self.params = self.compiler.as_sql()
        self.places = [(at, marks.index(param)) for at, param in enumerate(self.params) if param in marks]
        if {number for _, number in self.places} != set(range(len(marks))):
            raise ValueError("Every value must stand in the statement as it is.")
        info, select = self.compiler.klass_info, self.compiler.select
        self.own = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        self.names = [column.target.attname for column, *_ in select[self.own]]
        self.populators = get_related_populators(info, select, connection.alias)
        self.converters = self.compiler.get_converters([column for column, *_ in select])

    def rows(self, values: tuple) -> Iterator[Model]:
        params = list(self.params)
        for position, number in self.places:
            params[position] = values[number]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows = cursor.fetchall()
        return map(self.instance, self.compiler.apply_converters(rows, self.converters))

    def instance(self, row: list) -> Model:
        """As Django's ModelIterable makes it, with the related rows and annotations beside its own columns."""
        instance = self.compiler.klass_info["model"].from_db(connection.alias, self.names, row[self.own])
        for populator in self.populators:
            populator.populate(row, instance)
        for name, position in (self.compiler.annotation_col_map or {}).items():
            setattr(instance, name, row[position])
        return instance
