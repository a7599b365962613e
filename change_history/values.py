"""Values of a row as the history keeps them (JSON), and how they differ."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

EMPTY: list[Any] = [None, "", [], {}]


def values_of(row: models.Model, fields: Collection[Any]) -> dict[str, Any]:
    """By field name, as they are stored: numbers and texts, dates in UTC."""
    values = {field.name: field.get_prep_value(getattr(row, field.attname)) for field in fields}
    plain: dict[str, Any] = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
    return plain


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """`[before, after]` by name, of those that differ. A side without a value has None."""
    pairs = {name: [before.get(name), after.get(name)] for name in {**before, **after}}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1] and not all(one in EMPTY for one in pair)}


def merged(earlier: Mapping[str, list[Any]], later: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """The differences of two changes, one after the other."""
    pairs = {name: [earlier.get(name, pair)[0], pair[1]] for name, pair in later.items()}
    return {name: pair for name, pair in {**earlier, **pairs}.items() if pair[0] != pair[1]}


def leaves(name: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """What differs inside of two objects, by its path; anything else as it is."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield name, before, after
        return
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            yield from leaves(f"{name}: {key}", before.get(key), after.get(key))
