"""Querysets that are compiled to SQL once: Django takes longer to write some statements than PostgreSQL to run them.

`docs/decisions/0009` lists the parts of Django used here that are not public, and the versions they were checked with.
"""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from inspect import signature
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, models

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=models.Model)
Value = int | str | UUID | datetime | date

# Stand for the n-th value while a queryset is compiled. No statement contains them otherwise.
PLACEHOLDERS: dict[type, Callable[[int], Value]] = {
    int: lambda n: 2_000_000_000 + n,
    str: lambda n: f"\ue000{n}\ue001",
    UUID: lambda n: UUID(int=(0xFEED << 64) + n),
    datetime: lambda n: datetime(2999, 1, 1, tzinfo=UTC) + timedelta(days=n),
    date: lambda n: date(2999, 1, 1) + timedelta(days=n),
}


class Prepared(Generic[Row]):
    """A queryset that is compiled once for the types of its values.

    `prepared(*values)` returns `list(build(*values))`. `build` makes a queryset of model instances from int, str, UUID,
    datetime and date values. Each value must be a parameter of the statement, unchanged (otherwise ValueError is
    raised), and must not decide what the statement looks like.

    The plain queryset is used on SQLite, and where Django's internals are not the expected ones.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Row]]) -> None:
        self.build = build
        self.statements: dict[tuple[type, ...], Statement[Row] | None] = {}

    def __call__(self, *values: Value) -> list[Row]:
        statement = self._find_statement(tuple(map(type, values))) if connection.vendor == "postgresql" else None
        return list(self.build(*values)) if statement is None else statement.fetch(values)

    def _find_statement(self, types: tuple[type, ...]) -> "Statement[Row] | None":
        if types not in self.statements:
            self.statements[types] = _compile(self.build, types)
        return self.statements[types]


class Statement(Generic[Row]):
    """The SQL of a queryset, the positions of its values among the parameters, and how rows become instances."""

    def __init__(self, queryset: models.QuerySet[Row], placeholders: list[Value]) -> None:
        compiler = queryset.query.get_compiler(connection.alias)
        self.sql, params = compiler.as_sql()
        self.params = list(params)
        self.positions = [(at, placeholders.index(param)) for at, param in enumerate(params) if param in placeholders]
        if {number for _, number in self.positions} != set(range(len(placeholders))):
            raise ValueError("Every value must be a parameter of the statement as it is.")
        info, select = compiler.klass_info, compiler.select
        self.model: type[Row] = info["model"]
        self.own_columns = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        self.field_names = [column.target.attname for column, *_ in select[self.own_columns]]
        self.annotations: dict[str, int] = compiler.annotation_col_map or {}
        self.converters = compiler.get_converters([column for column, *_ in select])
        self.apply_converters = _accepting(2, compiler.apply_converters)
        self.populate_related = [_accepting(2, each.populate) for each in _get_related_populators(info, select)]

    def fetch(self, values: tuple[Value, ...]) -> list[Row]:
        params = self.params.copy()
        for position, number in self.positions:
            params[position] = values[number]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows = cursor.fetchall()
        return [self._make_instance(row) for row in self.apply_converters(rows, self.converters)]

    def _make_instance(self, row: list[Any]) -> Row:
        """Do what Django's ModelIterable does for each row."""
        instance = self.model.from_db(connection.alias, self.field_names, row[self.own_columns])
        for populate in self.populate_related:
            populate(row, instance)
        for name, position in self.annotations.items():
            setattr(instance, name, row[position])
        return instance


def _compile(build: Callable[..., models.QuerySet[Row]], types: tuple[type, ...]) -> Statement[Row] | None:
    placeholders = [PLACEHOLDERS[each](number) for number, each in enumerate(types)]
    queryset = build(*placeholders)
    try:
        return Statement(queryset, placeholders)
    except (ImportError, AttributeError, LookupError, TypeError) as error:
        _log_fallback(repr(error))
        return None


@cache
def _log_fallback(reason: str) -> None:
    logger.warning(
        "Querysets are compiled at every use, since Django's internals are not the expected ones: %s", reason
    )


def _accepting(count: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function`; raise TypeError when it does not take `count` arguments."""
    signature(function).bind(*range(count))
    return function


def _get_related_populators(klass_info: dict[str, Any], select: list[Any]) -> list[Any]:
    """Django 6.1 added an argument: how a field of a related instance is fetched that the statement did not select."""
    from django.db.models.query import get_related_populators

    fetch_mode = [models.FETCH_ONE] if "fetch_mode" in signature(get_related_populators).parameters else []
    return get_related_populators(klass_info, select, connection.alias, *fetch_mode)
