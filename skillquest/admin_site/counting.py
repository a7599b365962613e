"""Counting rows of several tables in one statement, each up to a number."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import CharField, Func, IntegerField, QuerySet, Value

MOST = 1_000


def counted(asked: Mapping[str, QuerySet[Any]], *, most: int = MOST) -> dict[str, int]:
    """How many rows each has; counting stops at `most`."""
    parts = list(_counts(asked, most))
    return dict(parts[0].union(*parts[1:], all=True)) if parts else {}


def _counts(asked: Mapping[str, QuerySet[Any]], most: int) -> Iterator[QuerySet[Any, tuple[str, int]]]:
    # Not `Count`: beside it Django groups by every column.
    number = Func(template="COUNT(*)", output_field=IntegerField())
    for name, rows in asked.items():
        some = rows.model._base_manager.filter(pk__in=rows.order_by().values("pk")[:most]).order_by()
        yield some.values_list(Value(name, CharField()), number)


def in_words(number: int, *, most: int = MOST) -> str:
    return f"{number:,}+" if number == most else f"{number:,}"
