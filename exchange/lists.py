"""The rows of a list of the admin as it is filtered, with the columns of the list and the ids."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

PORTION = 1_000  # rows that are in memory at a time
NOT_PARTS_OF_A_LIST = ["p", "all", "o", "_popup", "_to_field", "e"]


@dataclass(frozen=True)
class Table:
    """`rows` may be read once."""

    header: list[str]
    rows: Iterator[list[Any]]


def filtered_rows(model_admin: Any, request: HttpRequest) -> QuerySet[Any]:
    """What the list shows on all of its pages. Raises IncorrectLookupParameters."""
    parameters = request.GET.copy()
    for name in NOT_PARTS_OF_A_LIST:
        parameters.pop(name, None)
    request.GET = parameters  # type: ignore[assignment]
    rows: QuerySet[Any] = model_admin.get_changelist_instance(request).get_queryset(request)
    return rows


def has_more_than(rows: QuerySet[Any], limit: int) -> bool:
    return rows.order_by()[: limit + 1].count() > limit


def in_portions(rows: QuerySet[Any]) -> Iterator[Any]:
    """All rows in the order of their keys, a statement for each portion."""
    rows, last = rows.order_by("pk"), None
    while True:
        portion = list((rows if last is None else rows.filter(pk__gt=last))[:PORTION])
        yield from portion
        if len(portion) < PORTION:
            return
        last = portion[-1].pk


def table_of_list(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> Table:
    names = [name for name in model_admin.get_list_display(request) if not _is_link(name)]
    columns = [("id", _key), *(column for name in names for column in _columns(model_admin, name))]
    header = list(dict.fromkeys(name for name, _ in columns))
    readers = dict(reversed(columns))  # of two with one name the first
    return Table(header, ([readers[name](row) for name in header] for row in in_portions(rows)))


def _key(row: Model) -> Any:
    return row.pk


def _columns(model_admin: ModelAdmin, name: Any) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    label = name if isinstance(name, str) else name.__name__
    field = _field(model_admin, label)
    yield label, lambda row: plain(lookup_field(name, row, model_admin)[2])
    if field is not None and field.is_relation:
        yield field.attname, lambda row: getattr(row, field.attname)


def _field(model_admin: ModelAdmin, name: str) -> Any:
    try:
        return model_admin.opts.get_field(name)
    except FieldDoesNotExist:
        return None


def _is_link(name: Any) -> bool:
    """Columns that only lead to another page have nothing to export."""
    return name == "action_checkbox" or (isinstance(name, str) and name.endswith("_link"))


def plain(value: Any) -> Any:
    """As it is written to a file: numbers and texts, times in UTC."""
    match value:
        case None | bool() | int() | float() | dict() | list():
            return value
        case datetime():
            return value.isoformat()
        case SafeString():
            return unescape(strip_tags(value)).strip()
    return str(value)
