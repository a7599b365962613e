"""The JSON shape of an input serializer: which fields there are and which JSON types each may have.

Serializers of DRF convert values: they accept "85" and true as integers. Here such values are errors that name the
expected type.
"""

from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from rest_framework import serializers

TYPE_NAMES = {
    bool: later("true or false"),
    int: later("a whole number"),
    float: later("a number"),
    str: "text",
    list: later("a list"),
    dict: later("an object"),
}

# The first matching class decides, so subclasses come before their base classes.
JSON_TYPES = [
    (serializers.MultipleChoiceField, (list,)),
    (serializers.BooleanField, (bool,)),
    (serializers.IntegerField, (int,)),
    ((serializers.FloatField, serializers.DecimalField), (int, float)),
    ((serializers.ListField, serializers.ListSerializer, serializers.ManyRelatedField), (list,)),
    ((serializers.DictField, serializers.Serializer), (dict,)),
    ((serializers.CharField, serializers.UUIDField, serializers.SlugRelatedField), (str,)),
    ((serializers.DateTimeField, serializers.DateField, serializers.TimeField, serializers.DurationField), (str,)),
    (serializers.PrimaryKeyRelatedField, (int,)),
]


@dataclass(frozen=True)
class Shape:
    types: tuple  # empty: every type is accepted
    nullable: bool
    fields: dict | None = None  # of an object with named fields
    items: "Shape | None" = None  # of a list, or of an object used as a map


@cache
def shape_of_class(serializer_class) -> Shape:
    return shape_of(serializer_class())


def shape_of(field) -> Shape:
    return Shape(types=json_types(field), nullable=field.allow_null, fields=fields_of(field), items=items_of(field))


def json_types(field) -> tuple[type, ...]:
    """The types from JSON_TYPES, unless the field class sets its own, as in `json_types = (str, int)`."""
    if hasattr(field, "json_types"):
        return field.json_types
    for classes, types in JSON_TYPES:
        if isinstance(field, classes):
            return types
    if isinstance(field, serializers.ChoiceField):
        return tuple({type(choice) for choice in field.choices})
    return ()


def fields_of(field) -> dict[str, Shape] | None:
    if not isinstance(field, serializers.Serializer):
        return None
    return {
        name: shape_of(child)
        for name, child in field.fields.items()
        if not child.read_only and not isinstance(child, serializers.HiddenField)
    }


def items_of(field) -> Shape | None:
    child = getattr(field, "child", None) or getattr(field, "child_relation", None)
    return None if child is None else shape_of(child)


def find_errors(shape, value) -> list[str] | dict | None:
    """Messages, or messages by field name or index, as DRF's ValidationError expects them; None for a valid value."""
    if value is None:
        return None if shape.nullable else [_("This field may not be null.")]
    if shape.types and type(value) not in shape.types:
        return [_("Expected %(types)s.") % {"types": _(" or ").join(str(TYPE_NAMES[each]) for each in shape.types)}]
    if shape.fields is not None:
        return find_field_errors(shape.fields, value)
    if shape.items is not None:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return collect((key, find_errors(shape.items, item)) for key, item in pairs)
    return None


def find_field_errors(fields, value) -> dict | None:
    return collect(
        (name, find_errors(fields[name], item) if name in fields else [_("Unknown field.")])
        for name, item in value.items()
    )


def collect(errors) -> dict | None:
    return {key: error for key, error in errors if error} or None
