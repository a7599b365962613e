"""Serializers of frequent answers, compiled: REST framework looks every attribute up anew for each object."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

Represent = Callable[[Any], Any]


def compiled(serializer: Serializer) -> Represent:
    """What `serializer.to_representation` does, for fields whose sources are attributes."""
    parts = [
        (name, attrgetter(".".join(field.source_attrs)), _representing(field))
        for name, field in serializer.fields.items()
        if not field.write_only
    ]

    def represent(instance: Any) -> dict[str, Any]:
        return {
            name: None if (value := value_of(instance)) is None else represent_value(value)
            for name, value_of, represent_value in parts
        }

    return represent


def _representing(field: Field | BaseSerializer) -> Represent:
    if isinstance(field, ListSerializer):
        represent_row = compiled(field.child)
        return lambda rows: [represent_row(row) for row in rows]
    return compiled(field) if isinstance(field, Serializer) else field.to_representation
