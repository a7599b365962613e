"""A serializer whose single instance reads bodies by the thousand."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework.exceptions import ValidationError
from rest_framework.fields import Field, SkipField, empty, get_error_detail
from rest_framework.serializers import Serializer

Part = tuple[str, Field, Callable[[Any], Any] | None, bool]


class ReadOftenSerializer(Serializer):
    """For JSON objects, and fields whose source is their name: REST framework looks its fields up for each body."""

    @cached_property
    def _parts(self) -> list[Part]:
        """Of each field: its name, itself, the method that validates its value, and whether it may just be absent."""
        return [
            (name, field, getattr(self, f"validate_{name}", None), not field.required and field.default is empty)
            for name, field in self.fields.items()
            if not field.read_only
        ]

    def to_internal_value(self, data: dict) -> dict:
        values, errors = {}, {}
        for name, field, validate, may_be_absent in self._parts:
            if may_be_absent and name not in data:
                continue
            try:
                value = field.run_validation(data.get(name, empty))
                values[name] = validate(value) if validate else value
            except ValidationError as error:
                errors[name] = error.detail
            except DjangoValidationError as error:
                errors[name] = get_error_detail(error)
            except SkipField:
                pass
        if errors:
            raise ValidationError(errors)
        return values
