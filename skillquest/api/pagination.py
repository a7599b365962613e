"""Keyset pagination: rows that are added or removed do not shift pages, and every page costs the same."""

from functools import reduce

from django.core import signing
from django.db.models import Model, Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

DEFAULT_LIMIT = 20
MAX_LIMIT = 100  # a view may have another: `page_limit`, which then is its default too
FORWARD, BACKWARD = "next", "previous"


class CursorPages(BasePagination):
    """Follows the queryset's own `order_by`, which must name fields that are never null."""

    def paginate_queryset(self, queryset, request, view=None) -> list[Model]:
        limit = read_limit(request, *limits_of(view))
        self.url = request.build_absolute_uri()
        self.ordering = ordering_of(queryset)
        # A cursor belongs to one ordering of one model. It is signed so that clients cannot construct one.
        self.salt = f"cursor {queryset.model._meta.label} {self.ordering}"
        direction, position = self.read_cursor(request)
        backward = direction == BACKWARD
        ordering = flipped(self.ordering) if backward else self.ordering
        if position is not None:
            queryset = queryset.filter(beyond(ordering, position))
        rows = list(queryset.order_by(*ordering)[: limit + 1])
        self.rows, has_more = rows[:limit], len(rows) > limit
        if backward:
            self.rows.reverse()
        self.has_next = has_more or backward
        self.has_previous = has_more if backward else position is not None
        return self.rows

    def get_paginated_response(self, data) -> Response:
        return Response(
            {
                "next": self.link(FORWARD, self.rows[-1]) if self.rows and self.has_next else None,
                "previous": self.link(BACKWARD, self.rows[0]) if self.rows and self.has_previous else None,
                "results": data,
            }
        )

    def link(self, direction, row) -> str:
        position = [as_json(value_of(row, name.lstrip("-"))) for name in self.ordering]
        # Without a timestamp: a list that has not changed has the same body, and so the same ETag.
        cursor = signing.Signer(salt=self.salt).sign_object([direction, position])
        return replace_query_param(self.url, "cursor", cursor)

    def read_cursor(self, request) -> tuple[str, list | None]:
        cursor = request.query_params.get("cursor")
        if cursor is None:
            return FORWARD, None
        try:
            return signing.Signer(salt=self.salt).unsign_object(cursor)
        except signing.BadSignature:
            raise ValidationError({"cursor": [_("Not a cursor of this list.")]}) from None

    def get_paginated_response_schema(self, schema) -> dict:
        link = {"type": ["string", "null"], "format": "uri"}
        example = "https://skillquest.example/api/v1/levels?cursor=WyJuZXh0IixbM11d%3Aabc"
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "The next page, or null at the end.", "example": example},
                "previous": {**link, "description": "The page before, or null at the beginning.", "example": None},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view) -> list[dict]:
        default, maximum = limits_of(view)
        limit = {"type": "integer", "minimum": 1, "default": default}
        return [
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "description": f"How many at once; more than {maximum} counts as {maximum}.",
                "schema": limit,
            },
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "Opaque: follow `next` and `previous`.",
                "schema": {"type": "string"},
            },
        ]


def limits_of(view) -> tuple[int, int]:
    """How many rows a page of this view has by default, and at most."""
    own = getattr(view, "page_limit", None)
    return (own, own) if own else (DEFAULT_LIMIT, MAX_LIMIT)


def read_limit(request, default: int, maximum: int) -> int:
    text = request.query_params.get("limit", str(default))
    # int() would also accept "+5", "1_0" and the digits of other scripts, and refuses 5000 digits with another error.
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1):
        raise ValidationError({"limit": [_("A whole number from 1 to %(maximum)s.") % {"maximum": maximum}]})
    return min(int(text), maximum)


def ordering_of(queryset) -> tuple[str, ...]:
    """The queryset's ordering, ended by the primary key so that no two rows are equal."""
    names = queryset.query.order_by or queryset.model._meta.ordering
    pk = queryset.model._meta.pk.name
    unique = any(name.lstrip("-") in {"pk", pk} for name in names)
    return tuple(names) if unique else (*names, "pk")


def flipped(ordering) -> tuple[str, ...]:
    return tuple(name[1:] if name.startswith("-") else f"-{name}" for name in ordering)


def beyond(ordering, position) -> Q:
    """Rows after `position`: a > x, or a = x and b > y, or ..."""
    condition, equal_so_far = Q(), Q()
    for name, value in zip(ordering, position, strict=True):
        field, comparison = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        condition |= equal_so_far & Q(**{f"{field}__{comparison}": value})
        equal_so_far &= Q(**{field: value})
    first = ordering[0]
    # Implied by the rest; it lets the database start at the right place of an index.
    bound = Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": position[0]})
    return bound & condition


def value_of(row, name) -> object:
    return reduce(getattr, name.split("__"), row)


def as_json(value) -> int | str:
    return value if isinstance(value, int | str) else str(value)
