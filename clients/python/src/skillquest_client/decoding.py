"""JSON to dataclasses. Unknown fields are ignored, because the API may add some at any time."""

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from .errors import NotUnderstoodError

T = TypeVar("T")
FRACTION = re.compile(r"\.(\d{1,6})\d*")


def decode(kind: type[T], value: object) -> T:
    """The value as a dataclass. Raises NotUnderstoodError where a field is missing or has another type."""
    return typing.cast(T, _decode(kind, value, kind.__name__))


def _decode(kind: Any, value: object, where: str) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _decode_optional(kind, value, where)
    if origin is list:
        (item,) = typing.get_args(kind)
        return [_decode(item, each, where) for each in _checked(list, value, where)]
    if origin in (dict, Mapping) or kind is Any:
        return value
    if dataclasses.is_dataclass(kind):
        return _decode_object(kind, value, where)
    if kind in (datetime, date):
        return _decode_time(kind, _checked(str, value, where), where)
    return _checked(kind, value, where)


def _decode_optional(kind: Any, value: object, where: str) -> Any:
    (inner,) = (each for each in typing.get_args(kind) if each is not types.NoneType)
    return None if value is None else _decode(inner, value, where)


def _decode_object(kind: Any, value: object, where: str) -> Any:
    body = _checked(dict, value, where)
    values = {}
    for name, hint, required in _fields(kind):
        if name in body:
            values[name] = _decode(hint, body[name], f"{where}.{name}")
        elif required:
            raise NotUnderstoodError(f"The answer has no {where}.{name}.")
    return kind(**values)


@cache
def _fields(kind: Any) -> list[tuple[str, Any, bool]]:
    hints, missing = typing.get_type_hints(kind), dataclasses.MISSING
    return [
        (field.name, hints[field.name], field.default is missing and field.default_factory is missing)
        for field in dataclasses.fields(kind)
    ]


def _decode_time(kind: Any, text: str, where: str) -> Any:
    try:
        return kind.fromisoformat(plain(text))
    except ValueError:
        raise NotUnderstoodError(f"{where} is no {kind.__name__}.") from None


def plain(moment: str) -> str:
    """As Python 3.10 reads it: without the Z, and with six digits after the point or none."""
    return FRACTION.sub(lambda match: f".{match[1].ljust(6, '0')}", moment).replace("Z", "+00:00")


def _checked(kind: Any, value: object, where: str) -> Any:
    # In JSON of some servers a whole number may be written 1.0; a truth value is no number.
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise NotUnderstoodError(f"{where} is {type(value).__name__} instead of {kind.__name__}.")
    return value
